import { join } from 'node:path';
import { copyOf, dataset, dropDatabase } from '../database/dataset.mjs';
import { connected } from '../database/postgres.mjs';
import { AUDIENCE } from '../fixtures.mjs';
import { atTheEnd } from '../machine/cleanup.mjs';
import { root } from '../setup.mjs';
import { CHOSEN } from './credentials.mjs';
import { TOKENS } from './kinds.mjs';

/** A database with the usual client, and perhaps the one whose secret somebody chose. */
export async function callersDatabase(bench, name, { chosen }) {
  const database = await copyOf(bench, await dataset(bench, TOKENS), name);
  atTheEnd(() => dropDatabase(bench, name));
  if (chosen) await connected(database, insertChosen);
  return database;
}

async function insertChosen(client) {
  const { hashChosenSecret } = await import(join(root, 'dist', 'src', 'clients', 'secret-hash.js'));
  await client.query('INSERT INTO client (client_id, audiences) VALUES ($1, ARRAY[$2])', [
    CHOSEN.id,
    AUDIENCE,
  ]);
  await client.query('INSERT INTO client_secret (client_id, hash) VALUES ($1, $2)', [
    CHOSEN.id,
    await hashChosenSecret(CHOSEN.secret),
  ]);
}
