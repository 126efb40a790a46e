import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Client } from 'pg';
import { proxyForTest } from '../support/database-proxy.js';
import type { DatabaseProxy } from '../support/database-proxy.js';
import { eventually, serverForTest } from '../support/programs.js';
import type { Question } from './callers.js';
import { pause, questionsOf, startCopy } from './database.js';
import type { Database } from './database.js';
import { READ_TIMEOUT, originalForFile, playScene } from './scene.js';
import type { Scene } from './scene.js';

interface Stage {
  readonly database: Database;
  readonly proxy: DatabaseProxy;
  /** A token that is active until the scenario revokes it. */
  readonly other: Question;
}

type Fault = (stage: Stage) => ReturnType<Scene['fault']>;

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

const original = originalForFile();

it.each(Object.entries(SCENARIOS))('%s', async (name, fault) => {
  await play(name, await startCopy(original()), fault);
});

it('the disk is full', async () => {
  const database = await startCopy(original(), 120);
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
  const [old, promoted] = [await startCopy(original()), await startCopy(original())];
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

/** A server that reaches its database by way of a proxy, and callers of it, while something goes wrong. */
async function play(name: string, database: Database, fault: Fault): Promise<void> {
  const proxy = await proxyForTest(database.url());
  const { origin } = await serverForTest({
    DATABASE_URL: proxy.url,
    READ_TIMEOUT: String(READ_TIMEOUT),
    DATABASE_POOL_SIZE: '2',
    LOG_LEVEL: 'fatal',
  });
  const other: Question = { token: original().tokens.other, expected: 'active' };
  await playScene(name, {
    origin,
    headers: original().headers,
    questions: [...questionsOf(original()), other],
    fault: () => fault({ database, proxy, other }),
  });
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
