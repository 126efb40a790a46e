import { Inject, Injectable, Optional } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { RowPlan } from '../persistence/plan.js';
import { PLANS, findBy } from '../persistence/plans.js';
import type { Plans } from '../persistence/plans.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { purgeBatch } from '../schema/purge.js';
import { readerOn } from '../schema/reader-on.js';
import { tablePathIn } from '../schema/table-paths.js';
import type { TablePath } from '../schema/table-paths.js';
import { storableExp } from './revocation-end.js';
import { REVOKED_JWTS } from './revoked-jwt-rows.js';
import type { StoredRevocation } from './revoked-jwt-rows.js';

// NULL is later than any other end.
const revocation = (path: TablePath) => `
  INSERT INTO ${path('revoked_jwt')} AS r (hash, exp) VALUES ($1, $2)
  ON CONFLICT (hash) DO UPDATE SET exp = excluded.exp
  WHERE r.exp < excluded.exp OR excluded.exp IS NULL`;

/** The revocations of JSON Web Tokens in Postgres. */
@Injectable()
export class TypeOrmJwtRevocationRepository implements JwtRevocationRepository {
  readonly [PLANS]: Plans<StoredRevocation | undefined>;

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
    return (await findBy(this[PLANS], hash.toString('hex'))) !== undefined;
  }

  /**
   * Revokes from the moment this resolves. One that is revoked already is kept until the later end.
   * @param exp when the last token under this hash expires, in seconds since the epoch; absent: never
   */
  async revoke(hash: Buffer, exp?: number): Promise<void> {
    const sql = revocation(tablePathIn(this.dataSource));
    await this.dataSource.query(sql, [hash, storableExp(exp) ?? null]);
  }

  /** Deletes a batch of rows whose tokens expired a day ago. @returns how many; `undefined` when another purge works. */
  purge(mostRows: number): Promise<number | undefined> {
    return purgeBatch(this.dataSource, 'revoked_jwt', mostRows);
  }
}
