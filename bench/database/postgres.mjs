import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { atTheEnd } from '../machine/cleanup.mjs';
import { pin } from '../machine/cores.mjs';
import { here, root } from '../setup.mjs';

const dataDir = join(here, '.data');

/**
 * A Postgres for the bench alone, with its default settings. Its data stay from run to run.
 * @param {import('../machine/cores.mjs').Placement} placement
 */
export async function startPostgres(placement) {
  const { joinEmbeddedPostgres } = await import(
    join(root, 'dist', 'app', 'postgres', 'embedded-postgres.js')
  );
  const { url, leave } = await joinEmbeddedPostgres(dataDir);
  atTheEnd(leave);
  // One that a broken run has left behind may run on other cores.
  const [pid] = (await readFile(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split(
    '\n',
  );
  if (placement.pinned) pin(Number(pid), placement.rest);
  return url;
}

/** The URL of another database of the same Postgres. */
export function databaseUrl(url, database) {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

/** Runs some work on a connection of its own. */
export async function connected(connectionString, work) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
