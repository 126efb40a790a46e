import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../failure.js';

const run = promisify(execFile);
const POSTGRES_USER_NAME = 'postgres';

/** The user that Postgres runs as and that owns its data, where that is not this process's user. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user for Postgres where this process is root, because Postgres refuses to run as root. The user
 * is created if it does not exist.
 * @returns `undefined` where Postgres can run as this process's user
 * @throws Failure when this process is root and the user cannot be created
 */
export async function postgresUser(): Promise<PostgresUser | undefined> {
  return process.getuid?.() === 0 ? idsOf(POSTGRES_USER_NAME).catch(makeUser) : undefined;
}

async function makeUser(): Promise<PostgresUser> {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', POSTGRES_USER_NAME]);
    return await idsOf(POSTGRES_USER_NAME);
  } catch (cause) {
    throw new Failure(
      `Postgres refuses to run as root, and no user "${POSTGRES_USER_NAME}" could be made for it: set ` +
        'DATABASE_URL, or run as another user.',
      { cause },
    );
  }
}

async function idsOf(name: string): Promise<PostgresUser> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
