import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseForTest } from '../support/database.js';
import { requestsOf, send } from '../support/demo.js';
import type { DemoRequest } from '../support/demo.js';
import { emptyDatabase } from '../support/empty-database.js';
import { ask } from '../support/http.js';
import {
  cliJson,
  directoryForTest,
  expectFailure,
  runCli,
  serverForTest,
  startServer,
} from '../support/programs.js';

describe('the demo', () => {
  it('prints requests that work, and finds its data again', async () => {
    const variables = { DATA_DIR: await directoryForTest(), ISSUER: 'https://demo.example' };
    const first = await startServer(variables, ['--demo']);
    const requests = await requestsOf(first);
    expect(requests).toHaveLength(2);
    for (const request of requests) {
      expect(await send(request)).toMatchObject({
        active: true,
        client_id: 'demo-client',
        iss: 'https://demo.example',
        username: 'demo-user',
      });
    }

    // The command works on the same Postgres while the server runs.
    const { clients } = await cliJson<{ clients: { client_id: string }[] }>(
      ['client', 'list'],
      variables,
    );
    expect(clients.map((client) => client.client_id)).toEqual([
      'demo-client',
      'demo-resource-server',
    ]);
    expect((await send(requests[0]!))['active']).toBe(true);
    expect(await first.stop()).toMatchObject({ code: 0, stderr: '' });
    expect(await running(variables.DATA_DIR)).toBe(false);

    const second = await serverForTest(variables, ['--demo']);
    expect(second.output()).not.toContain('Migrated');
    const origin = second.origin;
    for (const request of [...(await requestsOf(second)), ...requests]) {
      expect(await send({ ...request, origin })).toMatchObject({ active: true });
    }
  });

  it('prints requests to where the endpoint is', async () => {
    const DATA_DIR = await directoryForTest();
    const INTROSPECTION_PATH = '/oauth/introspect';
    const server = await serverForTest({ DATA_DIR, INTROSPECTION_PATH }, ['--demo']);
    for (const request of await requestsOf(server)) {
      expect(request.path).toBe(INTROSPECTION_PATH);
      expect(await send(request)).toMatchObject({ active: true });
    }
  });

  it('has the command refuse a JWT of an issuer that this server does not believe, while it runs', async () => {
    const variables = { DATA_DIR: await directoryForTest() };
    const ISSUER = 'https://demo.example';
    const server = await startServer({ ...variables, ISSUER }, ['--demo']);
    const [request] = (await requestsOf(server)) as [DemoRequest];
    const args = ['token', 'issue', '--client', 'demo-client', '--format'];
    expectFailure(
      await runCli([...args, 'jwt'], variables),
      /would not believe a token of the issuer http:\/\/localhost:3000 \(untrusted_issuer\): its own is https:\/\/demo\.example\./,
    );
    for (const [format, more] of [
      ['jwt', { ISSUER }],
      ['opaque', {}],
    ] as const) {
      const issued = await cliJson([...args, format], { ...variables, ...more });
      const token = issued['access_token'] as string;
      expect(await send({ ...request, token })).toMatchObject({
        active: true,
        iss: ISSUER,
      });
    }
    await server.stop();
    await cliJson([...args, 'jwt'], variables);
  });

  it('has the command forget the issuer of a server that was killed', async () => {
    const variables = { DATA_DIR: await directoryForTest() };
    const server = await startServer({ ...variables, ISSUER: 'https://demo.example' }, ['--demo']);
    await requestsOf(server);
    server.signal('SIGKILL');
    await server.exited;
    await cliJson(['token', 'issue', '--client', 'demo-client', '--format', 'jwt'], variables);
  });

  it('keeps on disk what only its owner can read, and no secret that it prints', async () => {
    const dataDir = await directoryForTest();
    const server = await serverForTest({ DATA_DIR: dataDir }, ['--demo']);
    const [opaque] = await requestsOf(server);
    for (const file of ['jwks.json', 'postgres/password']) {
      expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(join(dataDir, 'postgres/data'))).mode & 0o777).toBe(0o700);
    await server.stop();
    for (const file of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = await readFile(join(file.parentPath, file.name));
      expect(bytes.includes(opaque!.secret), file.name).toBe(false);
      expect(bytes.includes(opaque!.token), file.name).toBe(false);
    }
  });

  it('leaves Postgres to whoever still uses it', async () => {
    const variables = { DATA_DIR: await directoryForTest() };
    const first = await startServer(variables, ['--demo']);
    const second = await startServer(variables, ['--demo']);
    await first.stop();
    expect(await running(variables.DATA_DIR)).toBe(true);
    for (const request of await requestsOf(second)) {
      expect(await send(request)).toMatchObject({ active: true });
    }
    await second.stop();
    expect(await running(variables.DATA_DIR)).toBe(false);
  });

  it('takes over the Postgres that a killed server left behind', async () => {
    const variables = { DATA_DIR: await directoryForTest() };
    const killed = await startServer(variables, ['--demo']);
    killed.signal('SIGKILL');
    await killed.exited;
    expect(await running(variables.DATA_DIR)).toBe(true);
    const next = await startServer(variables, ['--demo']);
    for (const request of await requestsOf(next)) {
      expect(await send(request)).toMatchObject({ active: true });
    }
    await next.stop();
    expect(await running(variables.DATA_DIR)).toBe(false);
  });

  it('starts twice at once on the same empty directory', async () => {
    const variables = { DATA_DIR: await directoryForTest() };
    const servers = await Promise.all([
      serverForTest(variables, ['--demo']),
      serverForTest(variables, ['--demo']),
    ]);
    for (const server of servers) {
      for (const request of await requestsOf(server)) {
        expect(await send(request)).toMatchObject({ active: true });
      }
    }
  });

  it('migrates a database of the operator’s own, and puts no data into it', async () => {
    const url = await emptyDatabase();
    const dataDir = await directoryForTest();
    const variables = { DATABASE_URL: url, DATA_DIR: dataDir };
    const server = await serverForTest(variables, ['--demo']);
    expect(await ask(server.origin, { method: 'GET', path: '/health/ready' })).toMatchObject({
      status: 200,
    });
    expect(await cliJson(['client', 'list'], variables)).toEqual({ clients: [] });
    expect(server.output()).not.toContain('curl');
    expect(await readdir(dataDir)).toEqual([]);
  });
});

it('without --demo the server neither migrates nor makes data', async () => {
  const { url } = await databaseForTest();
  const server = await serverForTest({ DATABASE_URL: url });
  expect(server.log().map(({ msg }) => msg)).toEqual([`Listening on ${server.origin}`]);
});

async function running(dataDir: string): Promise<boolean> {
  return (await readdir(join(dataDir, 'postgres/data'))).includes('postmaster.pid');
}
