import { hash } from 'node:crypto';
import { parseCompactJws } from './compact-jws.js';

/**
 * The hash that a JWT is revoked under, in `JwtRevocationRepository`: of its issuer and `jti`, or, where
 * it has no `jti`, of what is signed. Not of the whole token: an ECDSA signature can be changed into
 * another valid one. Nothing is verified: whether the token is one of ours makes no difference here.
 *
 * @returns 32 bytes; `undefined` when this is no JSON Web Token
 */
export function revocationHash(token: string): Buffer | undefined {
  const jwt = parseCompactJws(token);
  return jwt && Buffer.from(revocationHashHex(jwt.claims, jwt.signingInput), 'hex');
}

/** The same of a token that was taken apart already, in hexadecimal. */
export function revocationHashHex(
  claims: Readonly<Record<string, unknown>>,
  signingInput: string,
): string {
  const { iss, jti } = claims;
  // JSON keeps the two apart, with any characters in them.
  const name = jti === undefined ? ['jws', signingInput] : ['jti', iss, jti];
  return hash('sha256', JSON.stringify(name), 'hex');
}
