import { parseCompactJws } from '../jwt/compact-jws.js';
import { recordOf } from '../jwt/jwt-claims.js';
import type { JwtVerifier } from '../jwt/jwt-verifier.js';
import { revocationEnd } from '../jwt/revocation-end.js';
import { revocationHashHex } from '../jwt/revocation-hash.js';
import type { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import type { OpaqueTokenRepository } from '../model/opaque-token-repository.js';

/** The repositories that revocations are written to, and what tells how long they must last. */
export interface Revoking {
  readonly tokens: OpaqueTokenRepository;
  readonly revocations: JwtRevocationRepository;
  readonly verifier: Pick<JwtVerifier, 'verdict'>;
}

/**
 * Revokes an opaque token that is known, or any JSON Web Token that names its issuer: whether it is
 * well signed decides only how long the revocation is kept.
 *
 * @returns which of the two it was; `undefined` when it was neither
 * @throws Error that names the port, when a repository of the host's own cannot revoke
 */
export async function revokeToken(
  token: string,
  { tokens, revocations, verifier }: Revoking,
): Promise<'opaque' | 'jwt' | undefined> {
  if (await tokens.revoke?.(token)) return 'opaque';
  const jwt = parseCompactJws(token);
  const record = jwt && recordOf(jwt.claims, 'own');
  if (record?.iss) {
    if (!revocations.revoke) throw unable('JwtRevocationRepository', 'revoke(hash, exp)');
    const hash = Buffer.from(revocationHashHex(jwt!.claims, jwt!.signingInput), 'hex');
    await revocations.revoke(hash, await revocationEnd(token, jwt!, record.exp, verifier));
    return 'jwt';
  }
  if (!tokens.revoke) throw unable('OpaqueTokenRepository', 'revoke(token)');
  return undefined;
}

function unable(port: string, method: string): Error {
  return new Error(`The ${port} that is bound here has no method ${method}: it cannot revoke.`);
}
