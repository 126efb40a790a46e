import { QueryFailedError } from 'typeorm';
import type { DataSource } from 'typeorm';
import { quoted } from '../../src/schema/table-paths.js';
import { Failure } from '../failure.js';

/** The key of the advisory lock: an arbitrary number, the same in every process that migrates. */
const MIGRATION_LOCK = 7662_001;

/** Brings the schema up to date, one process at a time. @returns the names of the applied migrations. */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  return holdingMigrationLock(dataSource, async () => {
    await createSchema(dataSource);
    // A table of migrations that is not TypeORM's is told of before TypeORM fails on it.
    await applied(dataSource);
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

/** Creates the schema of the data source, where it has one of its own. @throws Failure when the role may not */
async function createSchema(dataSource: DataSource): Promise<void> {
  const schema = schemaOf(dataSource);
  if (schema === undefined) return;
  // CREATE SCHEMA IF NOT EXISTS needs the privilege even where the schema exists.
  const found = await dataSource.query<unknown[]>('SELECT 1 FROM pg_namespace WHERE nspname = $1', [
    schema,
  ]);
  if (found.length > 0) return;
  try {
    await dataSource.query(`CREATE SCHEMA ${quoted(schema)}`);
  } catch (error) {
    if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new Failure(
      `There is no schema ${quoted(schema)}, and this role may not create it: have the database's owner ` +
        `run CREATE SCHEMA ${quoted(schema)} AUTHORIZATION with the name of this role.`,
      { cause: error },
    );
  }
}

const [UNDEFINED_TABLE, UNDEFINED_COLUMN, INSUFFICIENT_PRIVILEGE] = ['42P01', '42703', '42501'];

function schemaOf({ options }: DataSource): string | undefined {
  return (options as { readonly schema?: string }).schema;
}

function codeOf(error: unknown): unknown {
  const failure: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return (failure as { code?: unknown }).code;
}

type Ask = (sql: string) => Promise<{ name: string }[]>;

async function applied(
  dataSource: DataSource,
  ask: Ask = (sql) => dataSource.query(sql),
): Promise<string[]> {
  const schema = schemaOf(dataSource);
  const table = schema === undefined ? 'migrations' : `${quoted(schema)}.migrations`;
  try {
    const rows = await ask(`SELECT name FROM ${table} ORDER BY id`);
    return rows.map(({ name }) => name);
  } catch (error) {
    // No migration has been applied yet.
    if (codeOf(error) === UNDEFINED_TABLE) return [];
    if (codeOf(error) === UNDEFINED_COLUMN) {
      throw new Failure(
        `The table ${table} is somebody else's: set DATABASE_SCHEMA to a schema of its own.`,
        { cause: error },
      );
    }
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
