import { hash } from 'node:crypto';
import type { Limits } from '../config/limits.options.js';

/** An attempt to authenticate: the address that it comes from, and the clients that it may be for. */
export interface Attempt {
  readonly address: string;
  /** Empty where its credentials cannot be read. */
  readonly clientIds: readonly string[];
}

/** Why an attempt is blocked. */
export interface Block {
  /** For how much longer it is blocked, in seconds. */
  readonly seconds: number;
  /** What has failed too often: this client at this address, or all clients together at this address. */
  readonly by: 'client' | 'address';
}

/** What an attempt's failure is counted by. */
export interface Counted {
  readonly key: string;
  readonly by: Block['by'];
  /** So many failures block it. */
  readonly most: number;
}

/** The clients first, and the address last: a client's own block is the stricter one. */
export function countedBy({ address, clientIds }: Attempt, limits: Limits): readonly Counted[] {
  const { failuresPerClient, failuresPerAddress } = limits;
  const clients = Array.from(new Set(clientIds), (id): Counted => {
    return { key: clientKey(address, id), by: 'client', most: failuresPerClient };
  });
  return [...clients, { key: `address ${address}`, by: 'address', most: failuresPerAddress }];
}

/**
 * A digest, because ids can have any length, and because a client may send its secret as its id by mistake.
 */
function clientKey(address: string, clientId: string): string {
  return `client ${hash('sha256', `${address} ${clientId}`, 'base64url')}`;
}
