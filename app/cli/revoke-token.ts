import { revokeToken } from '../../src/decision/revoke-token.js';
import { TypeOrmJwtRevocationRepository } from '../../src/jwt/typeorm-jwt-revocation.repository.js';
import { TypeOrmOpaqueTokenRepository } from '../../src/tokens/typeorm-opaque-token.repository.js';
import { Failure } from '../failure.js';
import { givenOrRead } from './standard-input.js';
import { withDatabase } from './with-database.js';

/**
 * Revokes an opaque token or a JSON Web Token.
 *
 * @param value the token; `-`: the token is read from stdin
 * @throws Failure when it is neither a stored opaque token nor a JSON Web Token
 */
export async function revokeGivenToken(value: string): Promise<'opaque' | 'jwt'> {
  const given = await givenOrRead(value);
  const token = value === '-' ? given.trim() : given;
  return withDatabase(async (dataSource) => {
    const kind = await revokeToken(token, {
      tokens: new TypeOrmOpaqueTokenRepository(dataSource),
      revocations: new TypeOrmJwtRevocationRepository(dataSource),
    });
    if (kind) return kind;
    throw new Failure('This is neither an opaque token that is known here nor a JSON Web Token.');
  });
}
