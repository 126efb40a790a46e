import { describe, expect, it, onTestFinished } from 'vitest';
import { TypeOrmClientRepository } from '../../src/index.js';
import { createDataSource } from '../../app/environment/data-source.js';
import { poolOf } from '../../src/persistence/connections.js';
import { heldQueries, holdTable } from '../support/connections.js';
import { proxyForTest } from '../support/database-proxy.js';
import type { DatabaseProxy } from '../support/database-proxy.js';
import { DOORS, PATIENT, startHost } from '../support/host.js';
import type { Door } from '../support/host.js';
import { FORM, ask } from '../support/http.js';
import { sign } from '../support/jwt.js';
import { eventually } from '../support/programs.js';
import { expectActive, expectError, expectInactive, startWorld } from '../support/world.js';

/** In milliseconds. Without a limit no answer would come, and the test would take too long. */
const READ_TIMEOUT = 300;

/** A host whose way to the world's database leads through a proxy, and which has no other limits. */
async function hostBehindProxy(
  door: Door,
  introspection: { readTimeout?: number } = { readTimeout: READ_TIMEOUT },
) {
  const world = await startWorld(door);
  const proxy = await proxyForTest(world.url);
  const dataSource = await createDataSource({ url: proxy.url, queryTimeout: 0 })
    .setOptions({ connectTimeoutMS: 0 })
    .initialize();
  const host = await startHost(door, { dataSource, introspection });
  onTestFinished(async () => {
    proxy.resume();
    await host.close();
    await dataSource.destroy();
    await world.stop();
  });
  const [live, revoked] = [await world.issue(), await world.issue()];
  await world.tokens.revoke(revoked);
  const introspect = (token: string) =>
    ask(host.origin, {
      headers: [...FORM, 'Authorization', world.authorization('rs')],
      body: `token=${token}`,
    });
  expectActive(await introspect(live));
  return { world, proxy, host, dataSource, live, revoked, introspect };
}

const FAULTS: [
  string,
  (proxy: DatabaseProxy) => void | Promise<void>,
  (proxy: DatabaseProxy) => void | Promise<void>,
][] = [
  ['is paused', (proxy) => proxy.hang(), (proxy) => proxy.resume()],
  ['stops half-way through an answer', (proxy) => proxy.stall(40), (proxy) => proxy.resume()],
  ['has gone', (proxy) => proxy.down(), (proxy) => proxy.up()],
];

/** Ends an idle connection of the data source, such as the one at `idle` in the proxy's order. */
type End = (
  stage: Awaited<ReturnType<typeof hostBehindProxy>> & { readonly idle: number },
) => Promise<void>;

describe.each(DOORS)('E6 on %s, a database that', (adapter) => {
  it.each(FAULTS)(
    '%s → 503 within the read timeout, and right again after it',
    async (_, fail, heal) => {
      const { proxy, live, revoked, introspect } = await hostBehindProxy(adapter);
      await fail(proxy);
      // Twice, because the second time there is no connection to be had.
      for (let time = 0; time < 2; time++) {
        const answers = await Promise.all([live, revoked, 'unknown'].map(introspect));
        for (const answer of answers) {
          expectError(answer, 503, 'temporarily_unavailable');
          expect(answer.headers['retry-after']).toMatch(/^\d+$/);
        }
      }
      await heal(proxy);
      await eventually(async () => (await introspect(live)).status === 200);
      expectActive(await introspect(live));
      expectInactive(await introspect(revoked));
      expectInactive(await introspect('unknown'));
    },
  );
});

describe('E6', () => {
  // A longer limit than 2 s would not show before the test's own, which is as lax as it can be.
  it.each(DOORS)(
    'a read has a time limit where the host has set none: %s',
    async (door) => {
      const { proxy, live, introspect } = await hostBehindProxy(door, {});
      proxy.hang();
      expectError(await introspect(live), 503, 'temporarily_unavailable');
    },
    30_000,
  );

  it('after a read without answer no connection is used that was begun before', async () => {
    const { proxy, dataSource, live, introspect } = await hostBehindProxy('fastify');
    const hostQueries = () =>
      Promise.all([1, 2, 3].map(() => dataSource.query('SELECT pg_sleep(0.1)')));
    await hostQueries();
    proxy.hang();
    // All wait for their answers, and one of them for its connection: it becomes the fourth.
    const hosts = Promise.all([hostQueries(), dataSource.query('SELECT 1')]);
    expectError(await introspect(live), 503, 'temporarily_unavailable');
    const before = proxy.reads();
    proxy.resume();
    await hosts;
    expectActive(await introspect(live));
    const after = proxy.reads();
    expect(before.length).toBeGreaterThan(3);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.slice(before.length).some((reads) => reads > 0)).toBe(true);
  });

  const IDLE: [string, 'believed' | 'not believed', End][] = [
    ['is cut', 'not believed', async ({ proxy, idle }) => proxy.cut(idle)],
    [
      'is ended by a Postgres that shuts down',
      'not believed',
      async ({ dataSource, world }) => {
        const [{ pid }] = await dataSource.query<[{ pid: number }]>('SELECT pg_backend_pid() pid');
        await world.dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
      },
    ],
    [
      'is ended by Postgres because it was idle',
      'believed',
      async ({ dataSource }) => void (await dataSource.query('SET idle_session_timeout = 1')),
    ],
    [
      'is ended by the pool because it was idle',
      'believed',
      async ({ dataSource }) => {
        poolOf(dataSource)!.options.idleTimeoutMillis = 1;
        await dataSource.query('SELECT 1');
      },
    ],
  ];
  it.each(IDLE)(
    'when an idle connection %s, an answer that an earlier one had yet to give is %s',
    async (_, belief, end) => {
      const stage = await hostBehindProxy('fastify', PATIENT);
      const { proxy, dataSource, live, world, introspect } = stage;
      const pool = poolOf(dataSource)!;
      await Promise.all([1, 2, 3].map(() => dataSource.query('SELECT pg_sleep(0.1)')));
      const before = proxy.reads();
      const release = await holdTable(world.dataSource, 'opaque_token');
      const answer = introspect(live);
      await heldQueries(world.dataSource, 1);
      const idle = proxy.reads().findIndex((reads, at) => reads === before[at]);
      const count = pool.totalCount;
      await end({ ...stage, idle });
      await eventually(() => pool.totalCount < count);
      await release();
      if (belief === 'believed') expectActive(await answer);
      else expectError(await answer, 503, 'temporarily_unavailable');
      expectActive(await introspect(live));
    },
  );

  it('when one read gets no answer, that of another on an earlier connection is not believed', async () => {
    const { proxy, live, world, introspect } = await hostBehindProxy('fastify', PATIENT);
    const release = await holdTable(world.dataSource, 'opaque_token');
    const first = introspect(live);
    await heldQueries(world.dataSource, 1);
    const before = proxy.reads();
    const second = introspect(live);
    await heldQueries(world.dataSource, 2);
    proxy.cut(proxy.reads().findIndex((reads, at) => reads !== before[at]));
    expectError(await second, 503, 'temporarily_unavailable');
    await release();
    expectError(await first, 503, 'temporarily_unavailable');
    expectActive(await introspect(live));
  });

  it('a read that Postgres refuses leaves the other connections in use', async () => {
    const { proxy, dataSource, live, world, introspect } = await hostBehindProxy('fastify');
    await Promise.all([1, 2, 3].map(() => dataSource.query('SELECT pg_sleep(0.1)')));
    await world.dataSource.query('ALTER TABLE client RENAME TO elsewhere');
    expectError(await introspect(live), 503, 'temporarily_unavailable');
    await world.dataSource.query('ALTER TABLE elsewhere RENAME TO client');
    const before = proxy.reads().length;
    expectActive(await introspect(live));
    expect(proxy.reads()).toHaveLength(before);
  });

  it('one read that hangs does not hold up the others', async () => {
    const world = await startWorld('fastify', { introspection: PATIENT });
    onTestFinished(() => world.stop());
    const [live, jwt] = [await world.issue(), await sign(world.key, world.claims())];
    const lock = world.dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('LOCK TABLE revoked_jwt IN ACCESS EXCLUSIVE MODE');
    const held = world.introspect(jwt);
    await heldQueries(world.dataSource, 1);
    expectActive(await world.introspect(live));
    await lock.commitTransaction();
    await lock.release();
    expectActive(await held);
  });

  it('more reads than may wait → 503 at once', async () => {
    const { host, proxy, live, introspect } = await hostBehindProxy('fastify', PATIENT);
    const clients = host.app.get(TypeOrmClientRepository);
    proxy.hang();
    const waiting = Promise.all(Array.from({ length: 10_000 }, (_, n) => clients.find(`c${n}`)));
    // It does not take the minute that those have.
    expectError(await introspect(live), 503, 'temporarily_unavailable');
    proxy.resume();
    expect(new Set(await waiting)).toEqual(new Set([undefined]));
    expectActive(await introspect(live));
  });
});
