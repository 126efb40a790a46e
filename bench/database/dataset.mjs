import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { progress } from '../machine/progress.mjs';
import { finish, launch } from '../machine/processes.mjs';
import { root } from '../setup.mjs';
import { insertClient, insertTokens } from './introspection-rows.mjs';
import { insertPayloads } from './oidc-rows.mjs';
import { connected, databaseUrl } from './postgres.mjs';

/**
 * The database with this many live tokens; loaded once, and again when the schema is another one.
 * @param {{ postgresUrl: string, placement: import('../machine/cores.mjs').Placement }} bench
 * @returns {Promise<string>} its URL
 */
export async function dataset(bench, tokens) {
  const name = `bench_${tokens}`;
  const url = databaseUrl(bench.postgresUrl, name);
  await connected(bench.postgresUrl, async (client) => {
    const { rows } = await client.query(
      "SELECT shobj_description(oid, 'pg_database') AS loaded FROM pg_database WHERE datname = $1",
      [name],
    );
    if (rows[0]?.loaded === fingerprint()) return;
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}`);
    await migrate(bench.placement, url);
    await connected(url, (own) => load(own, tokens));
    // Said last, so that a load that was interrupted is done again.
    await client.query(`COMMENT ON DATABASE ${name} IS '${fingerprint()}'`);
    await client.query('CHECKPOINT');
  });
  return url;
}

/** A copy that may be spoilt. */
export async function copyOf(bench, url, name) {
  const template = new URL(url).pathname.slice(1);
  await dropDatabase(bench, name);
  await connected(bench.postgresUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`),
  );
  return databaseUrl(bench.postgresUrl, name);
}

export async function dropDatabase({ postgresUrl }, name) {
  await connected(postgresUrl, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  );
}

async function migrate(placement, url) {
  const command = [process.execPath, [join(root, 'dist', 'app', 'cli', 'main.js'), 'migrate']];
  await finish(launch('The migration', placement, placement.rest, command, { DATABASE_URL: url }));
}

async function load(client, tokens) {
  // In this session the foreign keys are not checked row by row.
  await client.query("SET session_replication_role = replica; SET work_mem = '256MB'");
  await insertClient(client);
  const chunk = 1_000_000;
  for (let first = 0; first < tokens; first += chunk) {
    progress(`Loading ${tokens.toLocaleString('en')} tokens, which is done once: ${first} …`);
    const last = Math.min(first + chunk, tokens) - 1;
    await insertTokens(client, first, last);
  }
  // oidc-provider is measured on the table of the main comparison, never on the largest.
  if (tokens <= chunk) await insertPayloads(client, tokens);
  await client.query('VACUUM (ANALYZE)');
}

/** Of what a loaded database depends on: the migrations, and the code that loads. */
function fingerprint() {
  const hash = createHash('sha256');
  const migrations = join(root, 'migrations');
  const files = [
    ...readdirSync(migrations).map((file) => join(migrations, file)),
    ...['introspection-rows.mjs', 'oidc-rows.mjs'].map((file) => join(import.meta.dirname, file)),
    join(import.meta.dirname, '..', 'fixtures.mjs'),
  ];
  for (const file of files.sort()) hash.update(readFileSync(file));
  return hash.digest('hex');
}
