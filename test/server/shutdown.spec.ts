import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { databaseForTest } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import { cliJson, eventually, startServer } from '../support/programs.js';

const WAITING = `
  SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database
  WHERE datname = current_database() AND NOT granted`;

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('lets the server answer what is in flight, and end well', async () => {
    const { url, dataSource } = await databaseForTest();
    const variables = { DATABASE_URL: url };
    const rs = await cliJson<{ client_secret: string }>(
      ['client', 'create', 'rs', '--any-audience'],
      variables,
    );
    const { access_token } = await cliJson<{ access_token: string }>(
      ['token', 'issue', '--client', 'rs'],
      variables,
    );
    const server = await startServer(variables);
    const question = {
      headers: [...FORM, 'Authorization', basic('rs', rs.client_secret)],
      body: `token=${access_token}`,
    };
    expect((await ask(server.origin, question)).json['active']).toBe(true);

    // The request stands still in the middle for as long as we hold the table.
    const lock = dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('LOCK TABLE opaque_token IN ACCESS EXCLUSIVE MODE');
    const inFlight = keptAlive(server.origin, question);
    await eventually(async () => {
      const rows = await dataSource.query<unknown[]>(WAITING);
      return rows.length > 0;
    });

    server.signal(signal);
    await eventually(() => refusesConnections(server.origin));
    // Ctrl-C under npm comes twice.
    server.signal(signal);
    await lock.commitTransaction();
    await lock.release();

    expect(await inFlight).toMatchObject({ active: true });
    const { code, stderr } = await server.exited;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(server.log().at(-1)).toMatchObject({ msg: 'Stopped' });
  });
});

it('cuts what is not answered in bounded time', async () => {
  const { url } = await databaseForTest();
  const server = await startServer({ DATABASE_URL: url });
  const { hostname, port } = new URL(server.origin);
  const slow = connect(Number(port), hostname).on('error', () => {});
  slow.write('POST /introspect HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
  await new Promise((resolve) => slow.once('connect', resolve));
  expect((await server.stop()).code).toBe(0);
});

/** Sends it on a connection that the client would use again. */
function keptAlive(
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

function refusesConnections(origin: string): Promise<boolean> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(false);
    }).on('error', () => resolve(true));
  });
}
