import { QueryFailedError } from 'typeorm';
import type { DataSource } from 'typeorm';

/** The key of the advisory lock: an arbitrary number, the same in every process that migrates. */
const MIGRATION_LOCK = 7662_001;

/** Brings the schema up to date, one process at a time. @returns the names of the applied migrations. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  return holdingMigrationLock(dataSource, async () => {
    const migrations = await dataSource.runMigrations({ transaction: 'all' });
    return migrations.map(({ name }) => name);
  });
}

/** Reverts the newest migration. @returns its name; `undefined` when there is none. */
export async function revertMigration(dataSource: DataSource): Promise<string | undefined> {
  return holdingMigrationLock(dataSource, async () => {
    const newest = (await applied(dataSource)).at(-1);
    if (newest !== undefined) await dataSource.undoLastMigration({ transaction: 'all' });
    return newest;
  });
}

/**
 * The names of the migrations that are not applied yet. It changes nothing.
 * @param ask runs the SQL. Default: on the data source, within the data source's own time limits.
 */
export async function pendingMigrations(dataSource: DataSource, ask?: Ask): Promise<string[]> {
  const done = new Set(await applied(dataSource, ask));
  return dataSource.migrations
    .map((migration) => migration.name ?? migration.constructor.name)
    .filter((name) => !done.has(name));
}

type Ask = (sql: string) => Promise<{ name: string }[]>;

async function applied(
  dataSource: DataSource,
  ask: Ask = (sql) => dataSource.query(sql),
): Promise<string[]> {
  try {
    const rows = await ask('SELECT name FROM migrations ORDER BY id');
    return rows.map(({ name }) => name);
  } catch (error) {
    const failure: unknown = error instanceof QueryFailedError ? error.driverError : error;
    const { code } = failure as { code?: string };
    // undefined_table: no migration has been applied yet
    if (code === '42P01') return [];
    throw error;
  }
}

async function holdingMigrationLock<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      return await work();
    } finally {
      await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } finally {
    await lock.release();
  }
}
