import proxyAddr from 'proxy-addr';

/** Whether an address is a trusted proxy's. */
export type IsTrustedProxy = (address: string, hop: number) => boolean;

/** @throws TypeError that names the first entry that is neither an address nor a CIDR block. */
export function trustedProxies(entries: readonly string[]): IsTrustedProxy {
  return proxyAddr.compile([...entries]);
}

/** What is wrong with the entries. @returns `undefined` when nothing is. */
export function proxiesFault(entries: readonly string[]): string | undefined {
  try {
    trustedProxies(entries);
    return undefined;
  } catch (error) {
    return error instanceof TypeError ? error.message : String(error);
  }
}
