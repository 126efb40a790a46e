import { execFileSync, spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LimitsOptions } from '../../src/index.js';
import { startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { freePort } from '../support/postgres.js';
import { eventually } from '../support/programs.js';
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
