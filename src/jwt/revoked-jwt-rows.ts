import { byteaArray } from '../persistence/lookup.js';
import type { Lookup } from '../persistence/lookup.js';

/** Revocations of JSON Web Tokens, by the hash that `revocationHash` makes, in hexadecimal. */
export const REVOKED_JWTS: Lookup<true> = {
  name: 'revoked_jwt',
  select: `
    SELECT encode(hash, 'hex') AS key FROM revoked_jwt WHERE hash = ANY($keys::bytea[])`,
  parameter: byteaArray,
  found: () => true,
};
