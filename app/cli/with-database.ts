import type { DataSource } from 'typeorm';
import { readEnvironment } from '../environment/environment.js';
import type { Environment } from '../environment/environment.js';
import { Failure } from '../failure.js';

/** Opens the database that the environment names, does the work, and closes it, also after a failure. */
export async function withDatabase<T>(
  work: (dataSource: DataSource, environment: Environment) => Promise<T>,
): Promise<T> {
  const environment = readEnvironment(process.env);
  // Imported here, because loading TypeORM takes time, and help and a mistyped option do not need it.
  const { openDatabase } = await import('../environment/database.js');
  const database = await openDatabase(environment, { queryTimeout: 0 });
  try {
    return await work(database.dataSource, environment);
  } catch (error) {
    throw isMissingTable(error)
      ? new Failure('The database has no tables for token introspection yet: run "migrate" first.')
      : error;
  } finally {
    await database.close();
  }
}

function isMissingTable(error: unknown): boolean {
  return (error as { code?: unknown }).code === '42P01';
}
