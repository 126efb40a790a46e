import { Inject, Injectable, Optional } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { RowPlan } from '../persistence/plan.js';
import { PLANS, findBy } from '../persistence/plans.js';
import type { Plans } from '../persistence/plans.js';
import { readerOn } from '../persistence/reader-on.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { purgeBatch } from '../schema/purge.js';
import { RevokedJwtEntity } from '../schema/revoked-jwt.entity.js';
import { REVOKED_JWTS } from './revoked-jwt-rows.js';

/** The revocations of JSON Web Tokens in Postgres. */
@Injectable()
export class TypeOrmJwtRevocationRepository implements JwtRevocationRepository {
  readonly [PLANS]: Plans<true | undefined>;

  /** @param reader the module's, so that reads share one statement. Default: a reader of its own. */
  constructor(
    @Inject(INTROSPECTION_DATA_SOURCE) private readonly dataSource: DataSource,
    @Optional() reader: BatchedReader = readerOn(dataSource),
  ) {
    this[PLANS] = {
      reader,
      owner: TypeOrmJwtRevocationRepository.prototype,
      of: (hashHex) => new RowPlan(REVOKED_JWTS, hashHex),
    };
  }

  async isRevoked(hash: Buffer): Promise<boolean> {
    return (await findBy(this[PLANS], hash.toString('hex'))) ?? false;
  }

  /** @param exp when the token expires, in seconds since the epoch; absent: never. */
  async revoke(hash: Buffer, exp?: number): Promise<void> {
    await this.dataSource
      .createQueryBuilder()
      .insert()
      .into(RevokedJwtEntity)
      .values({ hash, exp: exp === undefined ? null : String(exp) })
      .orIgnore()
      .execute();
  }

  /** Deletes a batch of rows of expired tokens. @returns how many; `undefined` when another purge works. */
  purge(mostRows: number): Promise<number | undefined> {
    return purgeBatch(this.dataSource, 'revoked_jwt', mostRows);
  }
}
