import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Failure, detailOf } from '../failure.js';
import type { PostgresUser } from './postgres-user.js';

/** The paths of the programs of Postgres: those that we run, and those that they run. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

export interface Surroundings {
  /** The working directory. The user need not be able to enter the directories above it. */
  readonly cwd: string;
  /** Absent: this process's own user. */
  readonly user: PostgresUser | undefined;
}

/**
 * On Linux, a path that leads each process to its own working directory. It works even where the
 * process may not enter the directories above, so that the absolute path does not work.
 */
export const WORKING_DIRECTORY = '/proc/self/cwd';

/** Runs a program of Postgres to its end. @throws Failure with the last line of its stderr. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { cwd, user }: Surroundings,
): Promise<void> {
  const child = spawn(program, args, {
    // The child enters this directory before it changes its user.
    cwd,
    ...user,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C on a terminal must reach this process alone.
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
