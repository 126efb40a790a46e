import { IntrospectionSettings } from '../../src/config/settings.js';
import { revokeToken } from '../../src/decision/revoke-token.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { JwtVerifier } from '../../src/jwt/jwt-verifier.js';
import { TypeOrmJwtRevocationRepository } from '../../src/jwt/typeorm-jwt-revocation.repository.js';
import { TypeOrmOpaqueTokenRepository } from '../../src/tokens/typeorm-opaque-token.repository.js';
import type { Environment } from '../environment/environment.js';
import { ownKeys } from '../environment/signing-key.js';
import { Failure } from '../failure.js';
import { withDatabase } from './with-database.js';

/**
 * Revokes an opaque token or a JSON Web Token.
 *
 * @throws Failure when it is neither a stored opaque token nor a JSON Web Token
 */
export async function revokeGivenToken(token: string): Promise<'opaque' | 'jwt'> {
  return withDatabase(async (dataSource, environment) => {
    const kind = await revokeToken(token, {
      tokens: new TypeOrmOpaqueTokenRepository(dataSource),
      revocations: new TypeOrmJwtRevocationRepository(dataSource),
      verifier: verifierFor(environment),
    });
    if (kind) return kind;
    throw new Failure('This is neither an opaque token that is known here nor a JSON Web Token.');
  });
}

/** Verifies the server's own tokens. The keys are looked for when there is a JWT to verify; it is revoked without them, too. */
function verifierFor(environment: Environment): JwtVerifier {
  const jwks = ownKeys(environment);
  const { issuer } = environment;
  const settings = new IntrospectionSettings(jwks ? { issuer, jwks } : { issuer });
  return new JwtVerifier(settings, {
    keySet: (named) => new ConfiguredKeySource(settings).keySet(named),
  });
}
