import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { heldQueries, holdTable, keptAlive, refusesConnections } from '../support/connections.js';
import { databaseForTest } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import { load } from '../support/load.js';
import { PATIENT, cliJson, eventually, startServer } from '../support/programs.js';
import { decisions, expectStopped, tokenForTest, workersForTest } from '../support/workers.js';

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
    const server = await startServer({ ...PATIENT, ...variables });
    const question = {
      headers: [...FORM, 'Authorization', basic('rs', rs.client_secret)],
      body: `token=${access_token}`,
    };
    expect((await ask(server.origin, question)).json['active']).toBe(true);

    const release = await holdTable(dataSource, 'opaque_token');
    const inFlight = keptAlive(server.origin, question);
    await heldQueries(dataSource, 1);

    server.signal(signal);
    await eventually(() => refusesConnections(server.origin));
    // Ctrl-C under npm comes twice.
    server.signal(signal);
    await release();

    expect(await inFlight).toMatchObject({ active: true });
    const { code, stderr } = await server.exited;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(server.log().at(-1)).toMatchObject({ msg: 'Stopped' });
  });
});

it.each(['1', '2'])(
  'under load (WORKERS=%s) every decision reaches its client',
  async (WORKERS) => {
    const { url, question } = await tokenForTest();
    const server = await workersForTest({ DATABASE_URL: url, WORKERS });
    const clients = load(server.origin, question, 8);
    await clients.more();
    expectStopped(await server.stop(), server.pids());
    await clients.end();
    expect(clients.counts.wrong).toEqual([]);
    expect(decisions(server)).toHaveLength(clients.counts.right);
  },
);

it('cuts what is not answered in bounded time', async () => {
  const { url } = await databaseForTest();
  const server = await startServer({ DATABASE_URL: url });
  const { hostname, port } = new URL(server.origin);
  const slow = connect(Number(port), hostname).on('error', () => {});
  slow.write('POST /introspect HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
  await new Promise((resolve) => slow.once('connect', resolve));
  expect((await server.stop()).code).toBe(0);
});
