import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';

/** The database has not answered in time; what it may still say is not heard. */
export class OverdueError extends Error {
  constructor() {
    super('The database has not answered within the read timeout.');
    this.name = new.target.name;
  }
}

/** Something failed while the database was answering; the answer may be an old primary's. */
export class OutdatedError extends Error {
  constructor() {
    super('The answer came on a connection that was begun before the last failure.');
    this.name = new.target.name;
  }
}

type Done<Row extends QueryResultRow> = (failure: unknown, result?: QueryResult<Row>) => void;

/** The pool that TypeORM's Postgres driver has while it is open; it has no public name. */
export function poolOf(dataSource: DataSource): Pool | undefined {
  return (dataSource.driver as unknown as { readonly master?: Pool }).master;
}

/**
 * Queries on the connections of a data source's pool, each answered by its deadline or failed.
 *
 * When no answer came, the next one may come from another server: there may have been a failover.
 * So no connection that was begun before such a failure is used again, and no answer is believed that
 * is still to come on one. It may lead to an old primary, which knows nothing of what was revoked
 * since. An idle connection that breaks is such a failure, too.
 */
export class Connections {
  /** A data source that was closed and opened again has another. */
  #pool: Pool | undefined;
  /** How often no answer came. */
  #failures = 0;
  /** What `#failures` was when a connection was begun. */
  readonly #begun = new WeakMap<object, number>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param deadline by the clock of `performance.now()`; waiting for a connection counts
   * @param done called once, with the result, or with an OverdueError, an OutdatedError or what else kept the query from
   *   being answered; the connection of one that failed is closed
   */
  query<Row extends QueryResultRow>(query: QueryConfig, deadline: number, done: Done<Row>): void {
    const left = deadline - performance.now();
    const pool = this.pool();
    if (left <= 0 || !pool) {
      const failure = pool ? new OverdueError() : new Error('The data source is closed.');
      return void setImmediate(done, failure);
    }
    let isOver = false;
    let taken: PoolClient | undefined;
    const end = () => {
      isOver = true;
      clearTimeout(timer);
      taken?.removeListener('error', fail);
    };
    const giveUp = (error: Error) => {
      if (isOver) return;
      end();
      taken?.release(true);
      done(error);
    };
    const fail = (error: Error) => {
      if (!isOver) this.notice(error);
      giveUp(error);
    };
    const timer = setTimeout(() => fail(new OverdueError()), left);
    const take = () =>
      pool.connect((error, client) => {
        if (isOver) return client?.release(true);
        if (!client) return fail(error!);
        if (!this.isTrusted(client)) {
          client.release(true);
          return take();
        }
        taken = client.once('error', fail);
        sendWithoutQueryTimeout<Row>(client, query, (failure, result) => {
          if (isOver) return;
          if (!result) return fail(failure!);
          if (!this.isTrusted(client)) return giveUp(new OutdatedError());
          end();
          client.release();
          done(undefined, result);
        });
      });
    take();
  }

  /** The rows of one query, outside of any request. @param timeoutMs in milliseconds; waiting for a connection counts */
  ask<Row extends QueryResultRow>(query: QueryConfig, timeoutMs: number): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.query<Row>(query, performance.now() + timeoutMs, (failure, result) => {
        if (result) resolve(result.rows);
        else reject(failure);
      });
    });
  }

  private pool(): Pool | undefined {
    const pool = poolOf(this.dataSource);
    if (pool && pool !== this.#pool) {
      this.#pool = pool;
      onConnectionBegun(pool, (client) => void this.#begun.set(client, this.#failures));
      // The pool tells of an idle connection that ends, unless the pool itself has ended it.
      pool.on('error', (error) => this.notice(error));
    }
    return pool;
  }

  private notice(failure: Error): void {
    if (!isAnswer(failure)) this.#failures++;
  }

  /** Whether it was begun after the last failure. */
  private isTrusted(client: PoolClient): boolean {
    return (this.#begun.get(client) ?? 0) === this.#failures;
  }
}

/**
 * Has a pool tell of each connection when it is begun. The pool itself tells of one when it is
 * established, which is too late: with a failure in between, the connection may lead to the server
 * that failed. So the class that the pool makes its connections with is replaced by a subclass.
 */
function onConnectionBegun(pool: Pool, begun: (client: object) => void): void {
  const { Client } = pool as unknown as { Client: new (options: object) => PoolClient };
  Object.assign(pool, {
    Client: class extends Client {
      constructor(options: object) {
        super(options);
        begun(this);
      }
    },
  });
}

/**
 * Sends a query for which pg's own `query_timeout` does not count: our deadline does. With that option
 * pg keeps each query's closures in a way that everything made for its answer survives until a major
 * garbage collection, which nearly doubled the CPU time of an introspection. Other queries on the
 * connection, the host's, keep their timeout: pg reads the option while it takes a query in.
 */
function sendWithoutQueryTimeout<Row extends QueryResultRow>(
  client: PoolClient,
  query: QueryConfig,
  done: (failure: Error | null, result?: QueryResult<Row>) => void,
): void {
  const { connectionParameters: parameters } = client as unknown as {
    readonly connectionParameters: { query_timeout: number | false };
  };
  const { query_timeout: queryTimeout } = parameters;
  parameters.query_timeout = false;
  try {
    client.query<Row>(query, done);
  } finally {
    parameters.query_timeout = queryTimeout;
  }
}

/** The codes of a Postgres that shuts down, has crashed or is starting, and of a database that was dropped. */
const GOING_AWAY = /^57P0[1-4]$/;

/** Whether Postgres is there and says no, such as to a connection that was idle for too long. */
function isAnswer(error: Error & { severity?: string; code?: string }): boolean {
  return error.severity !== undefined && !GOING_AWAY.test(error.code ?? '');
}
