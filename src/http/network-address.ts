import ipaddr from 'ipaddr.js';

/** An IPv4 address with a port, or an IPv6 address in brackets with or without one. */
const WITH_PORT = /^(?:([\d.]+):\d{1,5}|\[([^\]]+)\](?::\d{1,5})?)$/;

/**
 * The address in an entry of `X-Forwarded-For`: as it is, or as RFC 7239 §6 writes it, in quotes, in
 * brackets and with a port. Proxies send all of these.
 * @returns `undefined` for what is none, such as an obfuscated identifier
 */
export function addressOf(entry: string): string | undefined {
  const unquoted = /^"(.*)"$/.exec(entry.trim())?.[1] ?? entry.trim();
  const [, ipv4, ipv6] = WITH_PORT.exec(unquoted) ?? [];
  const address = ipv4 ?? ipv6 ?? unquoted;
  if (!isAddress(address)) return undefined;
  // A socket that takes both families shows IPv4 addresses as ::ffff:a.b.c.d.
  return ipaddr.process(address).toString();
}

/** @returns an IPv4 address as it is, and of an IPv6 address the network of 64 bits */
export function networkOf(address: string): string {
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv6)) return address;
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** Whether it is one in the usual notation: "1" and "0x7f.1" are IPv4 addresses to some, and to nobody here. */
function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}
