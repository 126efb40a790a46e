import { describe, expect, it } from 'vitest';
import { databaseForTest } from '../support/database.js';
import { proxyForTest } from '../support/database-proxy.js';
import { emptyDatabase } from '../support/empty-database.js';
import { FORM, ask, basic } from '../support/http.js';
import { standbyForTest } from '../support/standby.js';
import { cliJson, eventually, serverForTest } from '../support/programs.js';

const get = (origin: string, path: string) => ask(origin, { method: 'GET', path });

const MIGRATIONS = [
  'CreateIntrospectionTables1767225600000',
  'CreateAuthenticationFailures1767312000000',
  'RememberDeletedClients1767398400000',
];

describe('health', () => {
  it('is live and ready on a database that is up to date', async () => {
    const { url } = await databaseForTest();
    const { origin } = await serverForTest({ DATABASE_URL: url });
    for (const path of ['/health/live', '/health/ready']) {
      const answer = await get(origin, path);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({ status: 'ok' });
      expect(answer.headers['cache-control']).toBe('no-store');
    }
  });

  it('is not ready while migrations are pending, and warns of them at start', async () => {
    const url = await emptyDatabase();
    const { origin, log } = await serverForTest({ DATABASE_URL: url });
    const { status, json } = await get(origin, '/health/ready');
    expect(status).toBe(503);
    expect(json).toEqual({
      status: 'unavailable',
      reason: `Migrations are pending: ${MIGRATIONS.join(', ')}.`,
    });
    expect((await get(origin, '/health/live')).status).toBe(200);
    // The log comes by a pipe of its own.
    await expect.poll(log, { timeout: 30_000 }).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        pending: MIGRATIONS,
      }),
    );
    await cliJson(['migrate'], { DATABASE_URL: url });
    expect((await get(origin, '/health/ready')).status).toBe(200);
  });

  it('is not ready on a standby', async () => {
    const { origin } = await serverForTest({ DATABASE_URL: await standbyForTest() });
    const { status, json } = await get(origin, '/health/ready');
    expect(status).toBe(503);
    expect(json).toEqual({
      status: 'unavailable',
      reason:
        'The database is a standby, which may lag behind: DATABASE_URL must lead to the primary.',
    });
    expect((await get(origin, '/health/live')).status).toBe(200);
  });

  it('is live but not ready without its database, and recovers with it', async () => {
    const { url } = await databaseForTest();
    const { client_secret } = await cliJson<{ client_secret: string }>(['client', 'create', 'rs'], {
      DATABASE_URL: url,
    });
    const proxy = await proxyForTest(url);
    const { origin, log } = await serverForTest({ DATABASE_URL: proxy.url });
    const introspect = () =>
      ask(origin, {
        headers: [...FORM, 'Authorization', basic('rs', client_secret)],
        body: 'token=unknown',
      });
    expect((await introspect()).text).toBe('{"active":false}');

    await proxy.down();
    const { json } = await eventually(async () => {
      const answer = await get(origin, '/health/ready');
      return answer.status === 503 && answer;
    });
    expect(json).toEqual({ status: 'unavailable', reason: 'The database cannot be reached.' });
    expect((await get(origin, '/health/live')).status).toBe(200);
    const answer = await introspect();
    expect(answer.status).toBe(503);
    expect(answer.json['error']).toBe('temporarily_unavailable');
    // The log comes by a pipe of its own.
    await expect.poll(log, { timeout: 30_000 }).toContainEqual(
      expect.objectContaining({
        level: 'error',
        event: 'refusal',
        status: 503,
        error: 'temporarily_unavailable',
        request_id: expect.any(String),
        cause: expect.stringMatching(/ECONNREFUSED|Connection terminated/),
      }),
    );

    await proxy.up();
    await eventually(async () => (await get(origin, '/health/ready')).status === 200);
    expect((await introspect()).text).toBe('{"active":false}');
  });

  it('says in bounded time that the database hangs', async () => {
    const { url } = await databaseForTest();
    const proxy = await proxyForTest(url);
    const { origin } = await serverForTest({ DATABASE_URL: proxy.url });
    expect((await get(origin, '/health/ready')).status).toBe(200);
    proxy.hang();
    const { status, json } = await get(origin, '/health/ready');
    expect(status).toBe(503);
    expect(json['reason']).toBe('The database does not answer in time.');
  });
});
