import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Failure, detailOf } from '../failure.js';
import type { PostgresUser } from './postgres-user.js';

/** The programs of Postgres that we run, or that those run: their paths. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

export interface Surroundings {
  /** The working directory. The user need not be able to reach it. */
  readonly cwd: string;
  /** Absent: this process's own user. */
  readonly user: PostgresUser | undefined;
}

/**
 * The working directory of a process, on Linux. This name leads there even where the process may not
 * enter the directories above, and the absolute path does not.
 */
export const WORKING_DIRECTORY = '/proc/self/cwd';

/** Runs a program of Postgres to its end. @throws Failure with what it said last. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, user }: Surroundings,
): Promise<void> {
  const child = spawn(program, args, {
    // The working directory is entered first, and then the user changed.
    cwd,
    ...user,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // So that Ctrl-C on a terminal reaches us alone.
    detached: true,
    windowsHide: true,
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [said, [code]] = await Promise.all([text(child.stderr), closed]).catch((cause: unknown) => {
    throw new Failure(`${program} cannot be run in ${cwd}: ${detailOf(cause)}`, { cause });
  });
  if (code !== 0) {
    const last = said.trim().split('\n').at(-1)?.replaceAll(WORKING_DIRECTORY, cwd);
    throw new Failure(`The embedded Postgres failed: ${last || code}`);
  }
}
