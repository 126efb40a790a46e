import { hash } from 'node:crypto';

/** The key that an opaque token is stored under: the SHA-256 of its UTF-8 bytes. */
export function tokenDigest(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** The same hash in hexadecimal. */
export function tokenDigestHex(token: string): string {
  return hash('sha256', token, 'hex');
}
