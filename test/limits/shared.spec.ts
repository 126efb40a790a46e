import { execFileSync, spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DecisionObserver, LimitsOptions } from '../../src/index.js';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { Observers } from '../../src/events/observers.js';
import { GuessingLimit } from '../../src/limits/guessing-limit.js';
import { poolOf } from '../../src/persistence/connections.js';
import { heldCount, heldQueries, holdTable } from '../support/connections.js';
import { databaseForTest } from '../support/database.js';
import { startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { freePort } from '../support/postgres.js';
import { observed } from '../support/observed.js';
import { eventually } from '../support/programs.js';
import { countComparisons } from '../support/scrypt.js';
import { expectActive, startWorld } from '../support/world.js';

const COUNT = 'SELECT count(*)::int AS rows FROM authentication_failure';

/** Two servers on one database, and wrong secrets sent to them in turn. */
async function twoServers(store: LimitsOptions['store']) {
  const introspection = { limits: { failuresPerClient: 6, ...(store ? { store } : {}) } };
  const world = await startWorld('fastify', { introspection });
  const second = await startHost('express', { dataSource: world.dataSource, introspection });
  onTestFinished(async () => {
    await second.close();
    await world.stop();
  });
  const origins = [world.origin, second.origin];
  const live = await world.issue();
  const send = (turn: number, authorization: string) =>
    ask(origins[turn % 2]!, {
      headers: [...FORM, 'Authorization', authorization],
      body: `token=${live}`,
    });
  return {
    ...world,
    send,
    rows: async () => (await world.dataSource.query<{ rows: number }[]>(COUNT))[0]!.rows,
    /** @returns how many attempts were compared, of 20 */
    attack: async () => {
      const statuses: number[] = [];
      for (let turn = 0; turn < 20; turn++) {
        statuses.push((await send(turn, basic('rs', `wrong-${turn}`))).status);
        expectActive(await send(turn, world.authorization('rs')));
      }
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
      return statuses.filter((status) => status === 401).length;
    },
  };
}

describe('Failures are counted', () => {
  it('by each server for itself', async () => {
    const { attack, rows } = await twoServers(undefined);
    expect(await attack()).toBe(12);
    expect(await rows()).toBe(0);
  });

  it('together in Postgres; the other server learns of a block with its next failure', async () => {
    const { attack, rows, dataSource } = await twoServers('postgres');
    expect(await attack()).toBe(7);
    expect(await rows()).toBe(2);
    // What is not a failure writes nothing: what a correct caller does was counted in attack().
    const keys = await dataSource.query<{ key: string }[]>(
      'SELECT key, points FROM authentication_failure ORDER BY key',
    );
    expect(keys).toEqual([
      { key: 'introspection:address 127.0.0.1', points: 7 },
      { key: expect.stringMatching(/^introspection:client [\w-]{43}$/), points: 7 },
    ]);
  });

  it('B20 before a chosen secret is compared, wherever guesses are sent at once', async () => {
    const world = await twoServers('postgres');
    await world.clients.create({ clientId: 'chooser', secret: 'guess-me' });
    const guesses = (from: number) =>
      Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          world.send(at, basic('chooser', `guess-${from + at}`)),
        ),
      );
    // Both have seen the client, and that costs two of the six.
    for (const turn of [0, 1]) await world.send(turn, basic('chooser', `first-${turn}`));
    const compared = countComparisons();
    const statuses = (await Promise.all([guesses(0), guesses(20)]))
      .flat()
      .map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(compared.begun).toBeLessThanOrEqual(4);
    expectActive(await world.send(0, world.authorization('rs')));
  });

  it('B20 and what has succeeded is taken back', async () => {
    const world = await twoServers('postgres');
    await world.clients.create({ clientId: 'chooser', secret: 'guess-me' });
    expect((await world.send(0, basic('chooser', 'wrong'))).status).toBe(401);
    expect((await world.send(1, basic('chooser', 'guess-me'))).status).toBe(200);
    await eventually(async () => {
      const counts = await world.dataSource.query<{ points: number }[]>(
        'SELECT points FROM authentication_failure',
      );
      return counts.every(({ points }) => points === 1);
    });
  });

  it('B20 and what is at work elsewhere blocks nobody', async () => {
    const { dataSource } = await databaseForTest();
    const { abuses, providers } = observed();
    const limits = { store: 'postgres' as const, failuresPerClient: 3 };
    const settings = new IntrospectionSettings({ issuer: 'https://server.example.com/', limits });
    const { useValue } = providers[0] as { useValue: DecisionObserver };
    const processes = Array.from(
      { length: 8 },
      () => new GuessingLimit(settings, new Observers(useValue), dataSource),
    );
    const attempt = { address: '127.0.0.1', clientIds: ['rs'] };
    const blocks = await Promise.all(
      processes.map(async (one) => {
        const mine = { ...attempt };
        const block = await one.begin(mine);
        one.takeBack(mine);
        return block;
      }),
    );
    // Each of them that was refused may come again in a second.
    for (const block of blocks) expect(block?.seconds ?? 1).toBe(1);
    expect(processes.map((one) => one.blockOn(attempt))).toEqual(Array(8).fill(undefined));
    expect(abuses).toEqual([]);
    await eventually(async () => {
      const counts = await dataSource.query<{ points: number }[]>(
        'SELECT points FROM authentication_failure',
      );
      return counts.length === 2 && counts.every(({ points }) => points === 0);
    });
  });

  it('without keeping those waiting who read, even while Postgres cannot count', async () => {
    const world = await twoServers('postgres');
    const release = await holdTable(world.dataSource, 'authentication_failure');
    const guesses = Array.from({ length: 250 }, (_, turn) =>
      world.send(turn, basic(`client-${turn}`, 'wrong')),
    );
    await heldQueries(world.dataSource, 2);
    for (let turn = 0; turn < 20; turn++) {
      expectActive(await world.send(turn, world.authorization('rs')));
      // One query of each server, which counts; none of them waits for a connection.
      expect(poolOf(world.dataSource)!.waitingCount).toBe(0);
      expect(await heldCount(world.dataSource)).toBeLessThanOrEqual(2);
    }
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    await release();
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });

  it('by each for itself while the shared store fails', async () => {
    const { attack, dataSource } = await twoServers('postgres');
    await dataSource.query('DROP TABLE authentication_failure');
    expect(await attack()).toBe(12);
  });

  const packages = Object.keys(PACKAGES) as (keyof typeof PACKAGES)[];
  it.each(redisServers().flatMap((server) => packages.map((name) => [server, name] as const)))(
    'together in Redis, in %s by the package %s',
    async (server, name) => {
      const redis = await PACKAGES[name](await redisForTest(server));
      const { attack } = await twoServers({ redis });
      expect(await attack()).toBe(7);
      expect((await redis.keys('*')).toSorted()).toEqual([
        'introspection:address 127.0.0.1',
        expect.stringMatching(/^introspection:client [\w-]{43}$/),
      ]);
    },
  );
});

/** What of it is installed on this machine. */
function redisServers(): string[] {
  return ['redis-server', 'valkey-server'].filter((program) => {
    try {
      return execFileSync(program, ['--version']).length > 0;
    } catch {
      return false;
    }
  });
}

/** A server for one test. @returns its URL */
async function redisForTest(program: string): Promise<string> {
  const port = await freePort();
  const server = spawn(program, ['--port', String(port), '--save', '', '--bind', '127.0.0.1']);
  let output = '';
  server.stdout.on('data', (text: Buffer) => (output += text.toString()));
  onTestFinished(() => void server.kill());
  await eventually(() => /Ready to accept connections/i.test(output));
  return `redis://127.0.0.1:${port}`;
}

/** The two packages that there are, each with a connected client for one test. */
const PACKAGES = {
  redis: async (url: string) => {
    const client = await createClient({ url }).connect();
    onTestFinished(() => client.destroy());
    return client;
  },
  ioredis: async (url: string) => {
    const client = new Redis(url);
    onTestFinished(() => client.disconnect());
    await client.ping();
    return client;
  },
};
