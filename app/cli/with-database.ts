import type { DataSource } from 'typeorm';
import { readEnvironment } from '../environment/environment.js';
import type { Environment } from '../environment/environment.js';
import { Failure } from '../failure.js';

/** By Postgres' code: no such table, no such column. */
const SCHEMA_STATES: ReadonlyMap<unknown, string> = new Map([
  ['42P01', 'has no tables for token introspection yet, or is older than this command'],
  ['42703', 'is older than this command'],
]);

/** Opens the database that the environment names, does the work, and closes it, also after a failure. */
export async function withDatabase<T>(
  work: (dataSource: DataSource, environment: Environment) => Promise<T>,
): Promise<T> {
  const environment = readEnvironment(process.env);
  for (const warning of environment.warnings) process.stderr.write(`${warning}\n`);
  // Imported here, because loading TypeORM takes time, and help and a mistyped option do not need it.
  const { openDatabase } = await import('../environment/database.js');
  const database = await openDatabase(environment, { queryTimeout: 0 });
  try {
    return await work(database.dataSource, environment);
  } catch (error) {
    const state = SCHEMA_STATES.get((error as { code?: unknown }).code);
    throw state ? new Failure(`The database ${state}: run "migrate" first.`) : error;
  } finally {
    await database.close();
  }
}
