import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { PostgresCluster } from '../../app/postgres/postgres-cluster.js';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../../src/index.js';
import { createDataSource } from '../../app/environment/data-source.js';
import { FORM, basic } from '../support/http.js';
import { eventually } from '../support/programs.js';
import { inAnHour } from '../support/world.js';
import type { Question } from './callers.js';

const PREFIX = join(tmpdir(), 'introspection-faults-');

/** A stopped cluster with a client and its tokens, which those of the scenarios are copies of. */
export interface Original {
  readonly home: string;
  readonly headers: readonly string[];
  readonly tokens: { readonly active: string; readonly revoked: string; readonly other: string };
  remove(): Promise<void>;
}

export async function makeOriginal(): Promise<Original> {
  const folder = await mkdtemp(PREFIX);
  const home = join(folder, 'postgres');
  const database = await startIn(home);
  await database.query('CREATE DATABASE introspection', 'postgres');
  const dataSource = await createDataSource({ url: database.url() }).initialize();
  await dataSource.runMigrations();
  const clients = new TypeOrmClientRepository(dataSource);
  const tokens = new TypeOrmOpaqueTokenRepository(dataSource);
  const { clientSecret } = await clients.create({ clientId: 'rs', anyAudience: true });
  const issue = (sub: string) => tokens.issue({ clientId: 'rs', sub, exp: inAnHour() });
  const active = await issue('active');
  const revoked = await issue('revoked');
  const other = await issue('other');
  await tokens.revoke(revoked);
  await dataSource.destroy();
  await database.stop();
  return {
    home,
    headers: [...FORM, 'Authorization', basic('rs', clientSecret)],
    tokens: { active, revoked, other },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** What is asked about its tokens, and one that nobody knows. */
export function questionsOf({ tokens }: Original): Question[] {
  return [
    { token: tokens.active, expected: 'active' },
    { token: tokens.revoked, expected: 'inactive' },
    { token: 'unknown', expected: 'inactive' },
  ];
}

export type Database = Awaited<ReturnType<typeof startIn>>;

/**
 * A running copy for one test.
 * @param megabytes how much room there is for it; absent: as much as there is
 */
export async function startCopy(original: Original, megabytes?: number): Promise<Database> {
  const folder = await mkdtemp(PREFIX);
  if (megabytes !== undefined)
    execute('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  const home = join(folder, 'postgres');
  execute('cp', '-a', original.home, home);
  const database = await startIn(home);
  onTestFinished(async () => {
    await database.kill();
    if (megabytes !== undefined) execute('umount', folder);
    await rm(folder, { recursive: true });
  });
  return database;
}

/** A cluster that can be treated in every way that a cluster is. */
async function startIn(home: string) {
  const cluster = await PostgresCluster.at(home);
  const password = await cluster.password();
  let port: number;
  const start = async () => {
    await cluster.start();
    port = (await cluster.port())!;
  };
  await start();
  const url = (name = 'introspection') =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
  const signal = async (name: NodeJS.Signals) => {
    // The first is the one that would start others.
    for (const pid of await processes(home)) process.kill(pid, name);
  };
  return {
    home,
    port: () => port,
    url,
    start,
    stop: () => cluster.stop(),
    isRunning: async () => (await processes(home)).length > 0,
    pause: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    /** All its processes at once, as when the machine goes. */
    kill: async () => {
      await signal('SIGKILL');
      await eventually(async () => (await processes(home)).length === 0);
    },
    /** One statement on a connection of its own. */
    query: async (sql: string, name?: string): Promise<unknown[]> => {
      const dataSource = await createDataSource({ url: url(name), poolSize: 1 }).initialize();
      try {
        return await dataSource.query<unknown[]>(sql);
      } finally {
        await dataSource.destroy();
      }
    },
  };
}

/** The process ids of the cluster's processes, the postmaster's first. Linux alone tells them. */
async function processes(home: string): Promise<number[]> {
  const pidFile = await readFile(join(home, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
  const postmaster = parseInt(pidFile, 10);
  const parents = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
        // After the name, which may hold anything: state and parent.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return { pid: Number(name), parent: Number(parent), gone: !state || state === 'Z' };
      }),
  );
  return parents
    .filter(({ pid, parent, gone }) => !gone && (pid === postmaster || parent === postmaster))
    .map(({ pid }) => pid)
    .toSorted((a, b) => Number(b === postmaster) - Number(a === postmaster));
}

function execute(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} failed, which needs root: ${stderr}`);
}

export const pause = setTimeout;
