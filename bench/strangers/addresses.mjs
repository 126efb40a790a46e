/** Strangers who attack a server all come from here. */
export const ATTACKER = '127.0.0.2';

let addresses = 0;

/** An address of the loopback network that no stranger has had yet, so that no limit counts for it. */
export function unusedAddress() {
  const number = ++addresses;
  return `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}
