import { expect, onTestFinished } from 'vitest';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../../src/index.js';
import { databaseForTest } from './database.js';
import { FORM, basic } from './http.js';
import { PATIENT, eventually, startServer } from './programs.js';
import type { Outcome, ServerProcess, Variables } from './programs.js';
import { inAnHour } from './world.js';

/** A database with a token, and the question that a client asks for it. */
export async function tokenForTest() {
  const { url, dataSource } = await databaseForTest();
  const clients = new TypeOrmClientRepository(dataSource);
  const tokens = new TypeOrmOpaqueTokenRepository(dataSource);
  const { clientSecret } = await clients.create({ clientId: 'rs', anyAudience: true });
  const token = await tokens.issue({ clientId: 'rs', exp: inAnHour() });
  return {
    url,
    dataSource,
    revoke: () => tokens.revoke(token),
    question: {
      headers: [...FORM, 'Authorization', basic('rs', clientSecret)],
      body: `token=${token}`,
    },
  };
}

export interface Workers extends ServerProcess {
  /** The process id of the worker with this number, from 1 on, that listens or listened last. */
  readonly pid: (id: number) => number;
  readonly pids: () => number[];
  /** Waits until another process listens in the place of this one. */
  readonly replaced: (pid: number) => Promise<void>;
  /** The deaths of workers that it has logged. */
  readonly deaths: () => Record<string, unknown>[];
}

/** A server with two workers, for one test, which may leave them in any state. */
export async function workersForTest(
  variables: Variables,
  args: readonly string[] = [],
): Promise<Workers> {
  const server = await startServer({ ...PATIENT, WORKERS: '2', ...variables }, args);
  const byId = () => {
    const pids = new Map<number, number>();
    for (const { worker_pids: first, msg, worker, pid } of server.log()) {
      if (Array.isArray(first)) first.forEach((one: number, index) => pids.set(index + 1, one));
      if (msg === 'A worker was replaced') pids.set(worker as number, pid as number);
    }
    return pids;
  };
  const pids = () => [...byId().values()];
  onTestFinished(async () => {
    server.signal('SIGKILL');
    // One that stands still does not notice that its primary is gone.
    for (const pid of pids()) kill(pid, 'SIGCONT');
    await server.exited;
  });
  return {
    ...server,
    pid: (id) => byId().get(id)!,
    pids,
    replaced: async (pid) => void (await eventually(() => !pids().includes(pid))),
    deaths: () => server.log().filter(({ msg }) => msg === 'A worker died and is replaced'),
  };
}

/** What it has logged of the decisions that it has made. */
export function decisions(server: ServerProcess): Record<string, unknown>[] {
  return server.log().filter(({ event }) => event === 'introspection');
}

/** The end of a server that was stopped: exit code 0, and none of its workers is left. */
export function expectStopped({ code, stderr }: Outcome, pids: readonly number[]): void {
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  if (isAlive(pid)) process.kill(pid, signal);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
