import type { DataSource } from 'typeorm';

/** The tables whose rows mean nothing once they have expired. */
type ExpiringTable = 'opaque_token' | 'revoked_jwt';

const KEY_COLUMN = { opaque_token: 'token_hash', revoked_jwt: 'hash' } as const;

/** Any constant will do, as long as every cleaner takes the same. */
const PURGE_LOCK = 7662;

/**
 * Deletes one small batch of expired rows, those that no other transaction has locked.
 *
 * @param mostRows the most rows to delete
 * @returns how many were deleted; `undefined` when another cleaner is at work
 */
export async function purgeBatch(
  dataSource: DataSource,
  table: ExpiringTable,
  mostRows: number,
): Promise<number | undefined> {
  return dataSource.transaction(async (manager) => {
    // A transaction's own lock, which works behind a pooler that shares sessions too.
    const [lock] = await manager.query<{ locked: boolean }[]>(
      'SELECT pg_try_advisory_xact_lock($1) AS locked',
      [PURGE_LOCK],
    );
    if (!lock?.locked) return undefined;
    const key = KEY_COLUMN[table];
    const deleted = await manager.query<unknown[]>(
      `WITH expired AS (
         SELECT ${key} FROM ${table} WHERE exp <= $1 ORDER BY exp LIMIT $2 FOR UPDATE SKIP LOCKED
       ), deleted AS (
         DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM expired) RETURNING 1
       )
       SELECT count(*)::int AS count FROM deleted`,
      [Math.floor(Date.now() / 1000), mostRows],
    );
    return (deleted[0] as { count: number }).count;
  });
}
