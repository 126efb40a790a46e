import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { DataSource } from 'typeorm';
import { eventually } from './programs.js';

const WAITING = `
  SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database
  WHERE datname = current_database() AND NOT granted`;

/** Sends it on a connection that the client would use again. */
export function keptAlive(
  origin: string,
  { headers, body }: { headers: string[]; body: string },
): Promise<unknown> {
  const agent = new Agent({ keepAlive: true });
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const all = ['Host', hostname, ...headers, 'Content-Length', String(body.length)];
    request(
      { agent, hostname, port, path: '/introspect', method: 'POST', headers: all },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(JSON.parse(text)));
      },
    )
      .on('error', reject)
      .end(body);
  });
}

export function refusesConnections(origin: string): Promise<boolean> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(false);
    }).on('error', () => resolve(true));
  });
}

/** Requests that read the table stand still in the middle until what this returns is called. */
export async function holdTable(
  dataSource: DataSource,
  table: 'opaque_token' | 'client' | 'authentication_failure',
): Promise<() => Promise<void>> {
  const lock = dataSource.createQueryRunner();
  await lock.startTransaction();
  await lock.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return async () => {
    await lock.commitTransaction();
    await lock.release();
  };
}

/** Waits until so many queries stand still. */
export async function heldQueries(dataSource: DataSource, count: number): Promise<void> {
  await eventually(async () => (await heldCount(dataSource)) >= count);
}

/** How many queries stand still. */
export async function heldCount(dataSource: DataSource): Promise<number> {
  return (await dataSource.query<unknown[]>(WAITING)).length;
}

/** The names of the statements that are prepared on the idle connections of a data source. */
export async function preparedStatements(dataSource: DataSource): Promise<string[]> {
  const runners = Array.from({ length: 4 }, () => dataSource.createQueryRunner());
  const names: string[] = [];
  for (const runner of runners) {
    const rows: unknown = await runner.query('SELECT name FROM pg_prepared_statements');
    names.push(...(rows as { name: string }[]).map(({ name }) => name));
  }
  for (const runner of runners) await runner.release();
  return names;
}
