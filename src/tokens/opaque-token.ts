import { hash } from 'node:crypto';
import type { TokenRecord } from '../model/token-record.js';

/** What an opaque token repository says of a token. */
export interface OpaqueTokenRecord extends Omit<TokenRecord, 'origin'> {
  readonly clientId: string;
  readonly revoked: boolean;
}

/** The key that an opaque token is stored under: the SHA-256 of its UTF-8 bytes. */
export function tokenDigest(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
