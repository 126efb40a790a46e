import { Inject, Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { BatchedReader, digestName } from '../persistence/batched-reader.js';
import { INTROSPECTION_DATA_SOURCE } from '../persistence/data-source.js';
import type { JwtRevocationRepository } from './jwt-revocation-repository.js';
import { purgeBatch } from './purge.js';
import { RevokedJwtEntity } from './revoked-jwt.entity.js';

interface RevocationRow {
  hash: Buffer;
}

const FIND = 'SELECT hash FROM revoked_jwt WHERE hash = ANY($1::bytea[])';

/** The revocations of JSON Web Tokens in Postgres. */
@Injectable()
export class TypeOrmJwtRevocationRepository implements JwtRevocationRepository {
  readonly #reader: BatchedReader<Buffer, RevocationRow>;

  constructor(@Inject(INTROSPECTION_DATA_SOURCE) private readonly dataSource: DataSource) {
    this.#reader = new BatchedReader<Buffer, RevocationRow>(
      digestName,
      (hashes) => dataSource.query(FIND, [hashes]),
      (row) => row.hash,
    );
  }

  async isRevoked(hash: Buffer): Promise<boolean> {
    return (await this.#reader.read(hash)) !== undefined;
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
