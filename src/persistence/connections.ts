import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';

/** The database has not answered in time; what it may still say is not heard. */
export class OverdueError extends Error {
  constructor() {
    super('The database has not answered within the read timeout.');
    this.name = new.target.name;
  }
}

const byPool = new WeakMap<Pool, Connections>();

/** The pool that TypeORM's Postgres driver has; it has no public name. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { readonly master: Pool }).master;
}

/** The connections of a data source. One that was closed and opened again has others. */
export function connectionsOf(dataSource: DataSource): Connections {
  const pool = poolOf(dataSource);
  let connections = byPool.get(pool);
  if (!connections) byPool.set(pool, (connections = new Connections(pool)));
  return connections;
}

/**
 * Queries on the connections of a pool, each answered by its deadline or failed.
 *
 * When no answer came, the next one may come from another server: there may have been a failover.
 * So no connection that was begun before such a failure is used again. One of them may lead to an
 * old primary that has come back, and knows nothing of what was revoked since.
 */
export class Connections {
  /** How often no answer came. */
  #failures = 0;
  /** What `#failures` was when a connection was begun. */
  readonly #begun = new WeakMap<object, number>();

  constructor(private readonly pool: Pool) {
    const { Client } = pool as unknown as { Client: new (options: object) => PoolClient };
    const begin = (client: object) => void this.#begun.set(client, this.#failures);
    // The pool tells of a connection when it is there, but it counts when it was begun.
    Object.assign(pool, {
      Client: class extends Client {
        constructor(options: object) {
          super(options);
          begin(this);
        }
      },
    });
  }

  /**
   * @param deadline by the clock of `performance.now()`; waiting for a connection counts
   * @throws OverdueError, or what kept the query from being answered. Its connection is closed.
   */
  query<Row extends QueryResultRow>(
    query: QueryConfig,
    deadline: number,
  ): Promise<QueryResult<Row>> {
    return new Promise((resolve, reject) => {
      const left = deadline - performance.now();
      if (left <= 0) return reject(new OverdueError());
      let over = false;
      let taken: PoolClient | undefined;
      const end = () => {
        over = true;
        clearTimeout(timer);
        taken?.removeListener('error', fail);
      };
      const fail = (error: Error) => {
        if (over) return;
        end();
        if (!isAnswer(error)) this.#failures++;
        taken?.release(true);
        reject(error);
      };
      const timer = setTimeout(() => fail(new OverdueError()), left);
      const take = () =>
        this.pool.connect((error, client) => {
          if (over) return client?.release(true);
          if (!client) return fail(error!);
          if (!this.isTrusted(client)) {
            client.release(true);
            return take();
          }
          taken = client.once('error', fail);
          client.query<Row>(query, (failure, result) => {
            if (over) return;
            // pg says null for none, whatever its types have.
            if (failure as Error | null) return fail(failure);
            end();
            client.release();
            resolve(result);
          });
        });
      take();
    });
  }

  /** Whether it was begun after the last failure. */
  private isTrusted(client: PoolClient): boolean {
    return (this.#begun.get(client) ?? 0) === this.#failures;
  }
}

/** Whether Postgres is there and says no; not when it is shutting down, or starting. */
function isAnswer(error: Error & { severity?: string; code?: string }): boolean {
  return error.severity !== undefined && !error.code?.startsWith('57P');
}
