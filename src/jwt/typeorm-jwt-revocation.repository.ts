import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Lookup } from '../persistence/batch.js';
import { batchedReaderOf } from '../persistence/batched-reader.js';
import type { BatchedReader } from '../persistence/batched-reader.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import type { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { purgeBatch } from '../schema/purge.js';
import { RevokedJwtEntity } from '../schema/revoked-jwt.entity.js';

const REVOCATIONS: Lookup<Buffer, true> = {
  name: 'revoked_jwt',
  select: `
    SELECT encode(hash, 'hex') AS key FROM revoked_jwt WHERE hash = ANY($keys::bytea[])`,
  nameOf: (hash) => hash.toString('hex'),
  found: () => true,
};

/** The revocations of JSON Web Tokens in Postgres. */
@Injectable()
export class TypeOrmJwtRevocationRepository implements JwtRevocationRepository {
  readonly #reader: BatchedReader;

  constructor(@Inject(INTROSPECTION_DATA_SOURCE) private readonly dataSource: DataSource) {
    this.#reader = batchedReaderOf(dataSource);
  }

  async isRevoked(hash: Buffer): Promise<boolean> {
    return (await this.#reader.read(REVOCATIONS, hash)) ?? false;
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

  /** Deletes a batch of rows whose tokens have expired. @returns as for opaque tokens. */
  purge(batch: number): Promise<number | undefined> {
    return purgeBatch(this.dataSource, 'revoked_jwt', batch);
  }
}
