import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject, describe, expect, it, onTestFinished } from 'vitest';
import type { DataSource } from 'typeorm';
import {
  TypeOrmClientRepository,
  TypeOrmOpaqueTokenRepository,
  introspectionMigrations,
} from '../../src/index.js';
import { createDataSource } from '../../app/environment/data-source.js';
import { OUR_TABLES } from '../support/own-tables.js';
import { freePort } from '../support/postgres.js';

const run = promisify(execFile);

/** Up, down, up; and nothing that TypeORM would change. */
async function expectSound(dataSource: DataSource) {
  const tables = () =>
    dataSource.query<{ table_name: string }[]>(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    );
  await dataSource.runMigrations();
  expect((await tables()).map((row) => row.table_name)).toEqual(expect.arrayContaining(OUR_TABLES));
  for (const _ of introspectionMigrations) await dataSource.undoLastMigration();
  expect(
    (await tables()).map((row) => row.table_name).filter((name) => OUR_TABLES.includes(name)),
  ).toEqual([]);
  await dataSource.runMigrations();
  expect(await dataSource.showMigrations()).toBe(false);

  const difference = await dataSource.driver.createSchemaBuilder().log();
  expect(difference.upQueries.map(({ query }) => query)).toEqual([]);
}

async function expectServes(dataSource: DataSource) {
  const clients = new TypeOrmClientRepository(dataSource);
  const tokens = new TypeOrmOpaqueTokenRepository(dataSource);
  await clients.create({ clientId: 'rs', audiences: ['a'] });
  const token = await tokens.issue({ clientId: 'rs', exp: 1 });
  expect(await tokens.revoke(token)).toBe(true);
  expect(await tokens.purge(10)).toBe(1);
  expect(await clients.find('rs')).toMatchObject({ clientId: 'rs', audiences: ['a'] });
}

describe('Migrations', () => {
  it('go up, down and up on the Postgres of the tests, and agree with the entities', async () => {
    const name = `migrations_${process.pid}`;
    const admin = await createDataSource({ url: `${inject('postgresUrl')}/postgres` }).initialize();
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.destroy();
    const dataSource = await createDataSource({
      url: `${inject('postgresUrl')}/${name}`,
    }).initialize();
    onTestFinished(() => dataSource.destroy());
    await expectSound(dataSource);
    await expectServes(dataSource);
  });

  it('keep what changes out of every index, so that revoking is a heap-only update', async () => {
    const admin = await createDataSource({ url: `${inject('postgresUrl')}/postgres` }).initialize();
    const name = `hot_${process.pid}`;
    await admin.query(`CREATE DATABASE ${name} TEMPLATE introspection_template`);
    await admin.destroy();
    const dataSource = await createDataSource({
      url: `${inject('postgresUrl')}/${name}`,
    }).initialize();
    onTestFinished(() => dataSource.destroy());
    const tokens = new TypeOrmOpaqueTokenRepository(dataSource);
    await new TypeOrmClientRepository(dataSource).create({ clientId: 'app' });
    const issued = await Promise.all(
      Array.from({ length: 20 }, () => tokens.issue({ clientId: 'app', exp: 2e9 })),
    );
    for (const token of issued) await tokens.revoke(token);
    await dataSource.query('SELECT pg_stat_force_next_flush()');
    const counters =
      "SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'opaque_token'";
    await expect
      .poll(async () => (await dataSource.query<unknown[]>(counters))[0], { timeout: 20_000 })
      .toEqual({ updates: 20, hot: 20 });
  });

  // Debian's packages put each major version in a folder of its own.
  const installed = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').filter((version) =>
        existsSync(`/usr/lib/postgresql/${version}/bin/initdb`),
      )
    : [];
  it.each(installed)('and on Postgres %s of this machine', async (version) => {
    const { url, stop } = await startInstalled(`/usr/lib/postgresql/${version}/bin`);
    onTestFinished(stop);
    const dataSource = await createDataSource({ url }).initialize();
    onTestFinished(() => dataSource.destroy());
    await expectSound(dataSource);
    await expectServes(dataSource);
  });
});

async function startInstalled(bin: string) {
  // Postgres refuses to run as root, and its own user may not enter what TMPDIR names.
  const root = process.getuid?.() === 0;
  const ids = root ? await idsOf('postgres') : undefined;
  const folder = await mkdtemp(join(ids ? '/var/tmp' : tmpdir(), 'postgres-'));
  const port = await freePort();
  if (ids) await chown(folder, ids.uid, ids.gid);
  const options = { ...ids, env: { ...process.env, LC_ALL: 'C' }, cwd: folder };
  await run(
    `${bin}/initdb`,
    ['-D', join(folder, 'data'), '-U', 'postgres', '--auth=trust'],
    options,
  );
  const server: ChildProcess = spawn(
    `${bin}/postgres`,
    ['-D', join(folder, 'data'), '-p', String(port), '-k', folder, '-h', '127.0.0.1'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`postgres exited with ${code}`)));
    server.stderr!.on('data', (text: Buffer) => {
      if (text.includes('ready to accept connections')) resolve();
    });
  });
  const stop = async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await gone;
    await rm(folder, { recursive: true });
  };
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}
