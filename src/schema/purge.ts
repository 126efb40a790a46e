import type { DataSource } from 'typeorm';
import { tablePathIn } from './table-paths.js';

/** The tables whose rows are of no use after they have expired. */
type ExpiringTable = 'opaque_token' | 'revoked_jwt';

const KEY_COLUMN = { opaque_token: 'token_hash', revoked_jwt: 'hash' } as const;

/** The first key of the advisory lock: an arbitrary number, the same in every process that purges. The second is the table. */
const PURGE_LOCK = 7662;

/** How long expired rows are kept, in seconds: as far as the purging process's clock may be ahead of a server's. */
const KEPT_FOR = 86_400;

/** Rows with an `exp` up to this can be purged now. @returns whole seconds since the epoch */
export function purgeableExp(): number {
  return Math.floor(Date.now() / 1000) - KEPT_FOR;
}

/**
 * Deletes one small batch of rows that expired a day ago. It leaves out rows that another transaction has locked.
 *
 * @param mostRows the most rows to delete
 * @returns how many were deleted; `undefined` when another purge is at work
 */
export async function purgeBatch(
  dataSource: DataSource,
  table: ExpiringTable,
  mostRows: number,
): Promise<number | undefined> {
  return dataSource.transaction(async (manager) => {
    // A lock of the transaction, because a pooler may give one session to several clients.
    const path = tablePathIn(dataSource)(table);
    const [lock] = await manager.query<{ locked: boolean }[]>(
      'SELECT pg_try_advisory_xact_lock($1, $2::regclass::oid::int) AS locked',
      [PURGE_LOCK, path],
    );
    if (!lock?.locked) return undefined;
    const key = KEY_COLUMN[table];
    const deleted = await manager.query<unknown[]>(
      `WITH expired AS (
         SELECT ${key} FROM ${path} WHERE exp <= $1 ORDER BY exp LIMIT $2 FOR UPDATE SKIP LOCKED
       ), deleted AS (
         DELETE FROM ${path} WHERE ${key} IN (SELECT ${key} FROM expired) RETURNING 1
       )
       SELECT count(*)::int AS count FROM deleted`,
      [purgeableExp(), mostRows],
    );
    return (deleted[0] as { count: number }).count;
  });
}
