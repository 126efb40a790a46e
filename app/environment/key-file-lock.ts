import { realpath, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure, detailOf } from '../failure.js';

/** How long another rotation is waited for, in milliseconds: it takes a few. */
const LOCK_WAIT_MS = 10_000;

/** Does some work on a key file while nobody else does. @throws Failure when somebody else does not end */
export async function holdingKeyFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${await realpath(file)}.lock`;
  const deadline = Date.now() + LOCK_WAIT_MS;
  while (!(await taken(lock))) {
    if (Date.now() > deadline) {
      throw new Failure(
        `Another rotation of ${file} is at work. If none is, one was interrupted: delete ${lock}.`,
      );
    }
    await pause(20);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Makes the file, unless it exists. @returns whether this call has made it */
async function taken(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new Failure(`The file ${lock} cannot be written: ${detailOf(error)}.`, { cause: error });
  }
}
