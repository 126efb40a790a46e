import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { Failure, detailOf } from '../failure.js';
import { PostgresCluster } from './postgres-cluster.js';

/** How long to try to join, in milliseconds: another process may be starting or stopping Postgres. */
const JOIN_WITHIN_MS = 30_000;
const DATABASE_NAME = 'introspection';

/** The key, an arbitrary number, of the shared advisory lock that every process holds while it uses Postgres. */
const IN_USE_LOCK = 7662_000;

export interface EmbeddedPostgres {
  readonly url: string;
  /** Call it when this process needs Postgres no more: the last process that leaves stops Postgres. */
  leave(): Promise<void>;
}

/**
 * Joins the Postgres in a data directory, and first creates and starts it if that is necessary.
 * Several processes can join it, such as the server and the operator's command.
 * @throws Failure
 */
export async function joinEmbeddedPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const cluster = await PostgresCluster.at(join(dataDir, 'postgres'));
  const password = await cluster.password();
  const deadline = Date.now() + JOIN_WITHIN_MS;
  let failure: unknown;
  while (Date.now() < deadline) {
    const port = await cluster.port();
    const lockHolder =
      port && (await connectHoldingLock(urlOf(port, password, 'postgres')).catch(rememberFailure));
    if (lockHolder)
      return { url: urlOf(port, password, DATABASE_NAME), leave: () => leave(lockHolder) };
    // The process id in the file may belong to another program by now; then no Postgres answers.
    if (!port || (failure as NodeJS.ErrnoException).code === 'ECONNREFUSED') {
      await cluster.start().catch(rememberFailure);
      if (!(await cluster.port())) throw failure;
    }
    await setTimeout(100);
  }
  throw new Failure(
    `The embedded Postgres in ${dataDir} does not answer (${detailOf(failure)}): stop what is left ` +
      'of it, or choose another DATA_DIR.',
  );

  function rememberFailure(error: unknown): undefined {
    failure = error;
  }

  async function leave(lockHolder: pg.Client): Promise<void> {
    try {
      await lockHolder.query('SELECT pg_advisory_unlock_shared($1)', [IN_USE_LOCK]);
      // A process that joins from here on waits for the lock, is cut off, and starts Postgres again.
      const { rows } = await lockHolder.query<{ alone: boolean }>(
        'SELECT pg_try_advisory_lock($1) AS alone',
        [IN_USE_LOCK],
      );
      if (rows[0]?.alone) await cluster.stop();
    } catch {
      // Postgres has stopped already, so there is nothing to stop.
    } finally {
      await lockHolder.end().catch(() => {});
    }
  }
}

/** Opens a connection that holds the lock, and creates the database if there is none. */
async function connectHoldingLock(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
    application_name: 'introspection (presence)',
  });
  // Postgres ends the connection when it stops; without a listener, that error would end this process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock_shared($1)', [IN_USE_LOCK]);
    await client.query(`CREATE DATABASE ${DATABASE_NAME}`).catch(ignoreExisting);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

function ignoreExisting(error: { code?: string }): void {
  // duplicate_database; unique_violation, when two processes create it at once
  if (error.code !== '42P04' && error.code !== '23505') throw error;
}

function urlOf(port: number, password: string, database: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
}
