import { hash } from 'node:crypto';
import { parseCompactJws } from './compact-jws.js';

/**
 * The hash that a JWT is revoked under, in `JwtRevocationRepository`: the hash of its issuer and `jti`, or,
 * where it has no `jti`, of the signed bytes. It is not the hash of the whole token, because an ECDSA
 * signature can be changed into another valid one. Nothing is verified: the token may be of any issuer.
 *
 * @returns 32 bytes; `undefined` when this is no JSON Web Token
 */
export function revocationHash(token: string): Buffer | undefined {
  const jwt = parseCompactJws(token);
  return jwt && Buffer.from(revocationHashHex(jwt.claims, jwt.signingInput), 'hex');
}

/** The same hash in hexadecimal, of a token that is parsed already. */
export function revocationHashHex(
  claims: Readonly<Record<string, unknown>>,
  signingInput: string,
): string {
  const { iss, jti } = claims;
  // In JSON the two stay apart, with any characters in them.
  const name = jti === undefined ? ['jws', signingInput] : ['jti', iss, jti];
  return hash('sha256', JSON.stringify(name), 'hex');
}
