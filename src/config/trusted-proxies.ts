import proxyAddr from 'proxy-addr';

/** Whether an address is a trusted proxy's. */
export type IsTrustedProxy = (address: string, hop: number) => boolean;

/** @throws TypeError that names the first entry which is neither an address nor a block of them. */
export function trustedProxies(entries: readonly string[]): IsTrustedProxy {
  return proxyAddr.compile([...entries]);
}

/** What is wrong with the entries, if anything. */
export function proxiesFault(entries: readonly string[]): string | undefined {
  try {
    trustedProxies(entries);
    return undefined;
  } catch (error) {
    const detail = error instanceof TypeError ? error.message : String(error);
    return `must be a list of addresses and CIDR blocks (${detail})`;
  }
}
