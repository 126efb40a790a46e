import type { Caller } from './client.js';
import type { TokenRecord } from './token-record.js';

/** Port: which caller may learn about which token (RFC 7662 §4). */
export interface AccessPolicy {
  /** @returns whether the caller may see the token; if not, the caller is told that it is inactive. */
  allows(token: TokenRecord, caller: Caller): boolean | Promise<boolean>;
}
export const AccessPolicy = Symbol('AccessPolicy');
