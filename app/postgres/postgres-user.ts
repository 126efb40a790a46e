import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../failure.js';

const run = promisify(execFile);
const POSTGRES_USER_NAME = 'postgres';

/** Another user than ourselves, for Postgres to run as and to own its data. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user for Postgres where we are root, which it refuses to be; made if need be.
 * @returns `undefined` where Postgres can run as we do
 * @throws Failure when we are root and there cannot be one
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
