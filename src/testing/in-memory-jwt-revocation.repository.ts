import { storableExp } from '../jwt/revocation-end.js';
import type { TypeOrmJwtRevocationRepository } from '../jwt/typeorm-jwt-revocation.repository.js';
import { purgeableExp } from '../schema/purge.js';
import type { InMemoryTables, PublicMethods } from './in-memory-tables.js';

/** Revocations of JWTs in memory; it does what `TypeOrmJwtRevocationRepository` does in Postgres. */
export class InMemoryJwtRevocationRepository implements PublicMethods<TypeOrmJwtRevocationRepository> {
  constructor(private readonly tables: InMemoryTables) {}

  async isRevoked(hash: Buffer): Promise<boolean> {
    return this.tables.revocations.has(hash.toString('hex'));
  }

  async revoke(hash: Buffer, exp?: number): Promise<void> {
    const { revocations } = this.tables;
    const key = hash.toString('hex');
    revocations.set(key, Math.max(revocations.get(key) ?? 0, storableExp(exp) ?? Infinity));
  }

  async purge(mostRows: number): Promise<number | undefined> {
    const { revocations } = this.tables;
    const expired = [...revocations].filter(([, exp]) => exp <= purgeableExp()).slice(0, mostRows);
    for (const [key] of expired) revocations.delete(key);
    return expired.length;
  }
}
