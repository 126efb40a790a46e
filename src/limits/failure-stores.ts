import type { QueryConfig, QueryResult } from 'pg';
import { RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';
import type { Limits } from '../config/limits.options.js';
import { preparedName } from '../persistence/batch.js';
import { Connections } from '../persistence/connections.js';
import { FAILURE_TABLE } from '../schema/authentication-failure.entity.js';
import { tablePathIn } from '../schema/table-paths.js';
import type { FailureStore } from './shared-failures.js';

/** How long deleting expired rows may take, in milliseconds. */
const DELETED_WITHIN_MS = 1000;

/** The store that the options name; `undefined`: each process counts by itself. */
export function failureStore(
  { store, window }: Limits,
  dataSource: DataSource | undefined,
): FailureStore | undefined {
  if (store === 'memory') return undefined;
  const options = { points: 0, duration: window, keyPrefix: 'introspection' };
  if (store === 'postgres') return new PostgresStore(options, required(dataSource));
  return {
    limiter: new RateLimiterRedis({
      ...options,
      storeClient: store.redis,
      rejectIfRedisNotReady: true,
      // Clients of the other package, ioredis, have this method.
      useRedisPackage: !('defineCommand' in store.redis),
    }),
  };
}

/**
 * Counts in Postgres. A query that is overdue is ended with its connection, and no longer waits in the
 * pool. A connection that fails here says nothing about those that read, so this store has its own view
 * of which connections to trust.
 */
class PostgresStore implements FailureStore {
  readonly limiter: RateLimiterPostgres;
  deadline = 0;

  constructor(
    options: { points: number; duration: number; keyPrefix: string },
    dataSource: DataSource,
  ) {
    const connections = new Connections(dataSource);
    const query = ({ text, values }: QueryConfig) =>
      new Promise<QueryResult>((resolve, reject) => {
        const now = performance.now();
        // The package deletes expired rows now and then, when there is nothing to count.
        const deadline = this.deadline > now ? this.deadline : now + DELETED_WITHIN_MS;
        const statement = { name: preparedName(text), text, values: values ?? [] };
        connections.query(statement, deadline, (failure, result) =>
          result ? resolve(result) : reject(failure as Error),
        );
      });
    this.limiter = new RateLimiterPostgres({
      ...options,
      storeClient: { query },
      storeType: 'client',
      // The package itself puts quotes around the name.
      tableName: tablePathIn(dataSource)(FAILURE_TABLE).slice(1, -1),
      tableCreated: true,
    });
  }
}

function required(dataSource: DataSource | undefined): DataSource {
  if (dataSource) return dataSource;
  throw new Error(
    "IntrospectionModule options: limits.store 'postgres' needs the module's data source, which it " +
      'has not where all repositories are the host’s own.',
  );
}
