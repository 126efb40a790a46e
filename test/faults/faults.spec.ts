import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from 'pg';
import { proxyForTest } from '../support/database-proxy.js';
import type { DatabaseProxy } from '../support/database-proxy.js';
import { eventually, serverForTest } from '../support/programs.js';
import { Callers } from './callers.js';
import type { Question } from './callers.js';
import { makeOriginal, pause, startCopy } from './database.js';
import type { Database, Original } from './database.js';

/** All in milliseconds. The bounds are the contract's and a busy machine's. */
const READ_TIMEOUT = 2000;
const FAULT_LASTS = 5000;
const STEADY = 3000;
const SLOWEST = READ_TIMEOUT + 3000;
const RECOVERY = 5000 + 5000;

interface Stage {
  readonly database: Database;
  readonly proxy: DatabaseProxy;
  /** A token that is active until the scenario revokes it. */
  readonly other: Question;
}

/** What goes wrong. @returns what puts it right, which may say when that was. */
type Fault = (stage: Stage) => Promise<() => Promise<number | void> | void>;

const SCENARIOS: Record<string, Fault> = {
  'paused (SIGSTOP), resumed': async ({ database }) => {
    await database.pause();
    return database.goOn;
  },
  'stopped, started': async ({ database, proxy }) => {
    await database.stop();
    return () => startAgain(database, proxy);
  },
  'killed (SIGKILL), started': async ({ database, proxy }) => {
    await database.kill();
    return () => startAgain(database, proxy);
  },
  'unreachable: connections refused': async ({ proxy }) => {
    await proxy.down();
    return () => proxy.up();
  },
  'network stalls half-way through an answer': async ({ proxy }) => {
    proxy.stall(40);
    return () => proxy.resume();
  },
  'connections die without a word': async ({ proxy }) => {
    proxy.hang();
    return () => proxy.renew();
  },
  'out of connections': async ({ database }) => {
    const others = await takeAllConnections(database);
    return async () => void (await Promise.all(others.map((other) => other.end())));
  },
  'reads wait for a lock': async ({ database }) => {
    const other = await connect(database);
    await other.query('BEGIN; LOCK TABLE opaque_token IN ACCESS EXCLUSIVE MODE');
    return () => other.end();
  },
  'read-only': async ({ database }) => {
    await set(database, 'default_transaction_read_only', 'on');
    return () => set(database, 'default_transaction_read_only', 'off');
  },
};

let original: Original;
const rows: string[] = [];
beforeAll(async () => {
  original = await makeOriginal();
});
afterAll(async () => {
  await original?.remove();
  const head = '| failure | sent | right | 503 | wrong | slowest, ms | recovered after, ms |';
  process.stdout.write(`\n${[head, '|-|-|-|-|-|-|-|', ...rows].join('\n')}\n\n`);
});

it.each(Object.entries(SCENARIOS))('%s', async (name, fault) => {
  await play(name, await startCopy(original), fault);
});

it('the disk is full', async () => {
  const database = await startCopy(original, 120);
  await play('disk full', database, async ({ proxy }) => {
    const rest = join(database.home, 'rest');
    await writeFile(rest, Buffer.alloc(120 << 20)).catch(() => {});
    const filling = database.query('CREATE TABLE filler AS SELECT generate_series(1, 3000000)');
    await expect(filling).rejects.toThrow('No space left on device');
    // The next segment of its log has no room either, which may be the end of it.
    await database.query('SELECT pg_switch_wal()').catch(() => {});
    return async () => {
      await writeFile(rest, '');
      // It may have stopped for good.
      if (!(await database.isRunning())) await startAgain(database, proxy);
      await eventually(() => database.query('SELECT 1').catch(() => undefined));
    };
  });
});

it('a failover; the old primary comes back', async () => {
  const [old, promoted] = [await startCopy(original), await startCopy(original)];
  await play('failover, the old primary comes back', old, async ({ proxy, other }) => {
    await old.pause();
    return async () => {
      proxy.turnTo(promoted.port());
      const healed = performance.now();
      other.expected = 'either';
      await promoted.query(`UPDATE opaque_token SET revoked_at = now() WHERE sub = 'other'`);
      other.expected = 'inactive';
      await pause(READ_TIMEOUT + 1000);
      await old.goOn();
      return healed;
    };
  });
});

/** Asks before, during and after the failure, and holds the answers against the contract. */
async function play(name: string, database: Database, fault: Fault): Promise<void> {
  const proxy = await proxyForTest(database.url());
  const { origin } = await serverForTest({
    DATABASE_URL: proxy.url,
    READ_TIMEOUT: String(READ_TIMEOUT),
    DATABASE_POOL_SIZE: '2',
    LOG_LEVEL: 'fatal',
  });
  // As a load balancer does, which takes connections too.
  const looks = setInterval(() => void fetch(`${origin}/health/ready`).catch(() => {}), 250);
  const { headers, tokens } = original;
  const other: Question = { token: tokens.other, expected: 'active' };
  const callers = new Callers(origin, headers, [
    { token: tokens.active, expected: 'active' },
    { token: tokens.revoked, expected: 'inactive' },
    { token: 'unknown', expected: 'inactive' },
    other,
  ]);
  await callers.steady(1000);
  const heal = await fault({ database, proxy, other });
  await pause(FAULT_LASTS);
  const healed = (await heal()) ?? performance.now();
  await callers.steady(STEADY);
  await callers.end();
  clearInterval(looks);
  expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
  const recovery = callers.recovery(healed);
  const { sent, right, unavailable, wrong, slowest } = callers;
  rows.push(
    `| ${[name, sent, right, unavailable, wrong.length, Math.round(slowest), Math.round(recovery)].join(' | ')} |`,
  );
  expect(wrong.slice(0, 10)).toEqual([]);
  expect(right + unavailable).toBe(sent);
  expect(slowest).toBeLessThan(SLOWEST);
  expect(recovery).toBeLessThan(RECOVERY);
}

async function startAgain(database: Database, proxy: DatabaseProxy): Promise<void> {
  await database.start();
  proxy.turnTo(database.port());
}

async function set(database: Database, setting: string, value: string): Promise<void> {
  await database.query(`ALTER SYSTEM SET ${setting} = ${value}`);
  await database.query('SELECT pg_reload_conf()');
}

async function connect(database: Database): Promise<Client> {
  const client = new Client({ connectionString: database.url() });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Others have them all, those of the server too, which it loses one by one. */
async function takeAllConnections(database: Database): Promise<Client[]> {
  const others = [await connect(database)];
  const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'introspection' AND pid <> pg_backend_pid()`;
  // One that is just coming is not seen at once.
  for (let unseen = 0; unseen < 20; await pause(25)) {
    const { rowCount } = await others[0]!.query(cut);
    const more = await connect(database).catch(() => undefined);
    if (more) others.push(more);
    unseen = more || rowCount ? 0 : unseen + 1;
  }
  return others;
}
