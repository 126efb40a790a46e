import { byteaArray } from '../persistence/lookup.js';
import type { Lookup } from '../persistence/lookup.js';

/** A revocation, as it is stored. */
export interface StoredRevocation {
  /** When the last token that it covers expires, in seconds since the epoch; absent: never. */
  readonly exp: number | undefined;
}

/** Revocations of JSON Web Tokens, by the hash that `revocationHash` makes, in hexadecimal. */
export const REVOKED_JWTS: Lookup<StoredRevocation> = {
  name: 'revoked_jwt',
  select: (path, keys) => `
    SELECT encode(hash, 'hex') AS key, exp FROM ${path('revoked_jwt')}
    WHERE hash = ANY(${keys}::bytea[])`,
  parameter: byteaArray,
  found: ({ exp }: { exp: number | null }) => ({ exp: exp ?? undefined }),
};
