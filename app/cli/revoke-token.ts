import { text } from 'node:stream/consumers';
import type { DataSource } from 'typeorm';
import { Failure } from '../environment/failure.js';
import { parseCompactJws } from '../../src/jwt/compact-jws.js';
import { recordOf, revocationHash } from '../../src/jwt/jwt-claims.js';
import { TypeOrmJwtRevocationRepository } from '../../src/jwt/typeorm-jwt-revocation.repository.js';
import { TypeOrmOpaqueTokenRepository } from '../../src/tokens/typeorm-opaque-token.repository.js';
import { withDatabase } from './with-database.js';

/**
 * Revokes an opaque token that is known, or any JSON Web Token that names its issuer: whether it is
 * well signed does not matter, as a revocation takes away nothing but itself.
 *
 * @param value the token; `-`: it is read from stdin
 * @throws Failure when it is neither
 */
export async function revokeToken(value: string): Promise<'opaque' | 'jwt'> {
  const token = value === '-' ? (await text(process.stdin)).trim() : value;
  return withDatabase(async (dataSource) => {
    if (await new TypeOrmOpaqueTokenRepository(dataSource).revoke(token)) return 'opaque';
    if (await revokeJwt(dataSource, token)) return 'jwt';
    throw new Failure('This is neither an opaque token that is known here nor a JSON Web Token.');
  });
}

async function revokeJwt(dataSource: DataSource, token: string): Promise<boolean> {
  const jwt = parseCompactJws(token);
  const record = jwt && recordOf(jwt.claims, 'own');
  if (!record?.iss) return false;
  const hash = revocationHash(jwt!.claims, jwt!.signingInput);
  await new TypeOrmJwtRevocationRepository(dataSource).revoke(hash, record.exp);
  return true;
}
