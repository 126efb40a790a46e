import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import type { Environment } from './environment.js';

// On the embedded Postgres the server and the command are easily started with different variables: PORT
// alone makes another issuer. So the server notes its own while it runs.

export async function noteIssuer(environment: Environment): Promise<void> {
  await writeFile(fileIn(environment), environment.issuer);
}

export async function forgetIssuer(environment: Environment): Promise<void> {
  await rm(fileIn(environment), { force: true });
}

/** @throws Failure when a server runs on the embedded Postgres and has another issuer */
export async function requireServedIssuer(environment: Environment): Promise<void> {
  if (environment.databaseUrl !== undefined) return;
  const served = await readFile(fileIn(environment), 'utf8').catch(() => environment.issuer);
  if (served === environment.issuer) return;
  throw new Failure(
    `The server that runs here would not believe a token of the issuer ${environment.issuer} ` +
      `(untrusted_issuer): its own is ${served}. Set ISSUER to that.`,
  );
}

function fileIn({ dataDir }: Environment): string {
  return join(dataDir, 'issuer');
}
