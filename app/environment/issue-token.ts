import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { TypeOrmClientRepository } from '../../src/clients/typeorm-client.repository.js';
import { ClientNotFoundError } from '../../src/model/client-errors.js';
import { TypeOrmOpaqueTokenRepository } from '../../src/tokens/typeorm-opaque-token.repository.js';
import type { Environment } from './environment.js';
import { requireBelief } from './required-belief.js';
import { signAccessToken } from './signing-key.js';

/** A token that the operator asks for. */
export interface TokenRequest {
  readonly format: 'opaque' | 'jwt';
  readonly clientId: string;
  readonly sub?: string | undefined;
  readonly username?: string | undefined;
  readonly scope?: string | undefined;
  readonly audiences: readonly string[];
  /** From now. */
  readonly expiresInSeconds: number;
  /** From now; absent: the token is valid at once. */
  readonly notBeforeSeconds?: number | undefined;
  readonly cnf?: Readonly<Record<string, unknown>> | undefined;
  /** Extension members of the answer. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly extendedClaims?: Readonly<Record<string, unknown>> | undefined;
}

/** @returns the token, which is not stored and cannot be read again. @throws ClientNotFoundError, Failure */
export async function issueToken(
  environment: Environment,
  dataSource: DataSource,
  request: TokenRequest,
): Promise<string> {
  const { format, clientId, sub, username, scope, audiences, cnf, claims, extendedClaims } =
    request;
  if (!(await new TypeOrmClientRepository(dataSource).find(clientId))) {
    throw new ClientNotFoundError(clientId);
  }
  const iat = Math.floor(Date.now() / 1000);
  const exp = iat + request.expiresInSeconds;
  const nbf = request.notBeforeSeconds === undefined ? undefined : iat + request.notBeforeSeconds;
  if (format === 'opaque') {
    return new TypeOrmOpaqueTokenRepository(dataSource).issue({
      clientId,
      sub,
      username,
      scope,
      aud: audiences,
      iat,
      exp,
      nbf,
      cnf,
      extensions: claims,
      extendedClaims,
    });
  }
  // JSON leaves out the claims that are undefined.
  const token = await signAccessToken(environment, {
    ...claims,
    iss: environment.issuer,
    jti: randomUUID(),
    iat,
    exp,
    nbf: nbf as number,
    client_id: clientId,
    // RFC 9068 §2.2 requires `sub`, and names the client in it where no user is involved.
    sub: sub ?? clientId,
    aud: audiences.length > 0 ? [...audiences] : (undefined as never),
    scope,
    username,
    cnf,
    extended_claims: extendedClaims,
  });
  await requireBelief(token, environment);
  return token;
}
