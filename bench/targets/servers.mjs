import { join } from 'node:path';
import { ISSUER, subjectOf } from '../fixtures.mjs';
import { GRANTS } from './oidc-payloads.mjs';
import { start } from './start.mjs';

/** How many tokens oidc-provider's in-memory adapter can hold, with a grant for each. */
export const IN_MEMORY = 200;

/** Headers that Node sends of its own accord. */
const NODES_OWN = new Set(['connection', 'content-length', 'date', 'keep-alive']);

/**
 * What every answer from the database costs at least.
 * @param {{ mode?: 'fastify' | 'raw', env?: Record<string, string>, nodeArguments?: string[] }} [options]
 */
export function floor(bench, databaseUrl, { mode = 'fastify', env = {}, ...options } = {}) {
  const name = `floor (${mode === 'raw' ? 'node:http' : 'Fastify'})`;
  return start(bench, name, here('floor.mjs'), {
    ...options,
    env: { DATABASE_URL: databaseUrl, ISSUER, MODE: mode, ...env },
  });
}

/**
 * @param {{ text: string, headers: Record<string, string> }} answer what it sends, always
 * @param {string} [databaseUrl] where it looks the token up before
 */
export function nodeHttp(bench, { text, headers }, databaseUrl) {
  const own = Object.fromEntries(Object.entries(headers).filter(([name]) => !NODES_OWN.has(name)));
  const name = databaseUrl ? 'node:http and one unbatched query' : 'bare node:http';
  return start(bench, name, here('node-http.mjs'), {
    env: {
      ANSWER: text,
      ANSWER_HEADERS: JSON.stringify(own),
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    },
  });
}

export function nestFastify(bench, { text }) {
  const env = { ANSWER: text };
  return start(bench, 'Nest + Fastify, no-op', here('nest-fastify.mjs'), { env });
}

export function oidcInMemory(bench) {
  return start(bench, 'oidc-provider, in memory', here('oidc-provider.mjs'), {
    env: { TOKENS: String(IN_MEMORY) },
  });
}

export function oidcOnPostgres(bench, databaseUrl) {
  return start(bench, 'oidc-provider, Postgres', here('oidc-provider.mjs'), {
    env: { DATABASE_URL: databaseUrl },
    subjectOf: (token) => subjectOf(token % GRANTS),
  });
}

function here(script) {
  return join(import.meta.dirname, script);
}
