import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { DataSource } from 'typeorm';
import { ClientNotFoundError } from '../model/client-errors.js';
import type { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import type { OpaqueTokenRecord } from '../model/token-record.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { RowPlan } from '../persistence/plan.js';
import { PLANS, findBy } from '../persistence/plans.js';
import type { Plans } from '../persistence/plans.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { OpaqueTokenEntity } from '../schema/opaque-token.entity.js';
import { purgeBatch } from '../schema/purge.js';
import { readerOn } from '../schema/reader-on.js';
import { OPAQUE_TOKENS } from './opaque-token-rows.js';
import type { StoredToken } from './opaque-token-rows.js';
import { tokenDigest } from './opaque-token.js';

/** The SQLSTATE foreign_key_violation. */
const FOREIGN_KEY = '23503';

/** The facts of a new token; times are seconds since the epoch. */
export interface NewOpaqueToken extends Omit<OpaqueTokenRecord, 'revoked' | 'aud'> {
  readonly aud?: readonly string[];
}

/** The opaque tokens in Postgres. `findByDigest` reads them for an introspection. */
@Injectable()
export class TypeOrmOpaqueTokenRepository implements OpaqueTokenRepository {
  readonly [PLANS]: Plans<StoredToken | undefined>;

  /** @param reader the module's, so that reads share one statement. Default: a reader of its own. */
  constructor(
    @Inject(INTROSPECTION_DATA_SOURCE) private readonly dataSource: DataSource,
    @Optional() reader: BatchedReader = readerOn(dataSource),
  ) {
    this[PLANS] = {
      reader,
      owner: TypeOrmOpaqueTokenRepository.prototype,
      of: (digestHex) => new RowPlan(OPAQUE_TOKENS, digestHex),
    };
  }

  async findByDigest(digest: Buffer): Promise<OpaqueTokenRecord | undefined> {
    return (await findBy(this[PLANS], digest.toString('hex')))?.record;
  }

  /**
   * Stores a new token of 256 random bits. @returns the token, of which only a hash is stored.
   * @throws ClientNotFoundError
   */
  async issue(token: NewOpaqueToken): Promise<string> {
    const value = randomBytes(32).toString('base64url');
    const row = {
      tokenHash: tokenDigest(value),
      clientId: token.clientId,
      username: token.username ?? null,
      sub: token.sub ?? null,
      scope: token.scope ?? null,
      aud: [...(token.aud ?? [])],
      iss: token.iss ?? null,
      iat: token.iat ?? null,
      nbf: token.nbf ?? null,
      exp: token.exp ?? null,
      jti: token.jti ?? null,
      tokenType: token.cnf?.['jkt'] === undefined ? 'Bearer' : 'DPoP',
      cnf: (token.cnf ?? null) as never,
      claims: (token.extensions ?? null) as never,
      extendedClaims: (token.extendedClaims ?? null) as never,
    };
    await this.dataSource.manager.insert(OpaqueTokenEntity, row).catch((failure: unknown) => {
      throw lacksClient(failure) ? new ClientNotFoundError(token.clientId) : failure;
    });
    return value;
  }

  /** Revokes a token, from the moment this resolves. @returns false when there is no such token. */
  async revoke(token: string): Promise<boolean> {
    const tokenHash = tokenDigest(token);
    const { affected } = await this.dataSource.manager.update(
      OpaqueTokenEntity,
      { tokenHash, revokedAt: IsNull() },
      { revokedAt: new Date() },
    );
    return affected === 1 || this.dataSource.manager.existsBy(OpaqueTokenEntity, { tokenHash });
  }

  /** Deletes a batch of tokens that expired a day ago. @returns how many; `undefined` when another purge works. */
  purge(mostRows: number): Promise<number | undefined> {
    return purgeBatch(this.dataSource, 'opaque_token', mostRows);
  }
}

/** Whether Postgres refused a token because its client is not there: the table has no other foreign key. */
function lacksClient(failure: unknown): boolean {
  const { driverError } = failure as { driverError?: { code?: unknown } };
  return driverError?.code === FOREIGN_KEY;
}
