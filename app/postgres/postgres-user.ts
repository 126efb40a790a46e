import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../environment/failure.js';

const run = promisify(execFile);
const NAME = 'postgres';

/** Who Postgres runs as: whoever we are, or, as it refuses to be root, a user of its own. */
export interface PostgresUser {
  /** The owner of its files, where that is not ourselves. */
  readonly ids: { uid?: number; gid?: number };
  /** A command that runs the one after it as that user, where the ids alone are not enough. */
  readonly through: readonly string[];
}

/**
 * The user for Postgres, made if need be, who can reach these files and directories.
 * @throws Failure when we are root and there cannot be one
 */
export async function postgresUser(paths: readonly string[]): Promise<PostgresUser> {
  if (process.getuid?.() !== 0) return { ids: {}, through: [] };
  const ids = await idsOf(NAME).catch(makeUser);
  const barrier = paths.map((path) => barrierTo(path, ids)).find((path) => path !== undefined);
  if (barrier === undefined) return { ids, through: [] };
  // Root's home, for example. A user who may pass every directory can still use what lies in there.
  const [command, ...args] = passingEverywhere(ids);
  await run(command, [...args, 'true']).catch((cause: unknown) => {
    throw new Failure(
      `The user "${NAME}", which runs the embedded Postgres for root, may not enter ${barrier}: ` +
        'work in another directory, set DATABASE_URL, or run as another user.',
      { cause },
    );
  });
  return { ids, through: [command, ...args] };
}

async function makeUser() {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', NAME]);
    return await idsOf(NAME);
  } catch (cause) {
    throw new Failure(
      `Postgres refuses to run as root, and no user "${NAME}" could be made for it: set ` +
        'DATABASE_URL, or run as another user.',
      { cause },
    );
  }
}

async function idsOf(name: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** The first directory above `path` that the user may not enter. */
function barrierTo(path: string, ids: { uid: number; gid: number }): string | undefined {
  const parent = dirname(path);
  if (parent === path) return undefined;
  return barrierTo(parent, ids) ?? (mayEnter(parent, ids) ? undefined : parent);
}

function mayEnter(directory: string, { uid, gid }: { uid: number; gid: number }): boolean {
  const { mode, uid: owner, gid: group } = statSync(directory);
  if (owner === uid) return (mode & 0o100) !== 0;
  return (mode & (group === gid ? 0o010 : 0o001)) !== 0;
}

function passingEverywhere({ uid, gid }: { uid: number; gid: number }): [string, ...string[]] {
  const ability = '+dac_override';
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=${ability}`,
    `--ambient-caps=${ability}`,
  ];
}
