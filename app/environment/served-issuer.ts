import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import type { Environment } from './environment.js';

// On the embedded Postgres the server and the command are easily started with different variables: PORT
// alone makes another issuer. So the server notes its own while it runs.

export async function noteIssuer(environment: Environment): Promise<void> {
  const note: Note = { issuer: environment.issuer, process: process.pid };
  await writeFile(fileIn(environment), JSON.stringify(note));
}

/** Leaves the note of another server, which began later. */
export async function forgetIssuer(environment: Environment): Promise<void> {
  const note = await readNote(environment);
  if (note?.process === process.pid) await rm(fileIn(environment), { force: true });
}

/** @throws Failure when a server runs on the embedded Postgres and has another issuer */
export async function requireServedIssuer(environment: Environment): Promise<void> {
  if (environment.databaseUrl !== undefined) return;
  const note = await readNote(environment);
  // A server that was killed has left its note.
  if (!note || note.issuer === environment.issuer || !isRunning(note.process)) return;
  throw new Failure(
    `The server that runs here would not believe a token of the issuer ${environment.issuer} ` +
      `(untrusted_issuer): its own is ${note.issuer}. Set ISSUER to that.`,
  );
}

interface Note {
  readonly issuer: string;
  readonly process: number;
}

async function readNote(environment: Environment): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(fileIn(environment), 'utf8')) as Note;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, and runs.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fileIn({ dataDir }: Environment): string {
  return join(dataDir, 'issuer');
}
