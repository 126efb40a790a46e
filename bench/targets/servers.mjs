import { join } from 'node:path';
import { ISSUER, subjectOf } from '../fixtures.mjs';
import { atTheEnd } from '../machine/cleanup.mjs';
import { launch, ready, stop } from '../machine/processes.mjs';
import { progress } from '../machine/progress.mjs';
import { root } from '../setup.mjs';
import { GRANTS } from './oidc-payloads.mjs';

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {string} url
 * @property {number} pid
 * @property {(token: number) => string} subjectOf whose token it takes this one for
 */

/** How many tokens oidc-provider's in-memory adapter can hold, with a grant for each. */
export const IN_MEMORY = 200;

/** Headers that Node sends of its own accord. */
const NODES_OWN = new Set(['connection', 'content-length', 'date', 'keep-alive']);

/** Ours, as it runs in production. */
export function ours(bench, databaseUrl, { name = 'this package', env = {}, cores } = {}) {
  return start(bench, name, join(root, 'dist', 'app', 'server', 'main.js'), {
    cores,
    env: { DATABASE_URL: databaseUrl, ISSUER, LOG_LEVEL: 'warn', PORT: '0', ...env },
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

/** It runs until the mode is over. @returns {Promise<Server>} */
async function start({ placement }, name, script, { env, cores = placement.server, ...rest }) {
  progress(`Starting ${name} …`);
  const child = launch(name, placement, cores, [process.execPath, [script]], {
    NODE_ENV: 'production',
    ...env,
  });
  const [url] = await ready(child, /http:\/\/[\w.:-]+(?=\W)/);
  atTheEnd(() => stop(child));
  return { name, url, pid: child.pid, subjectOf, ...rest };
}

function here(script) {
  return join(import.meta.dirname, script);
}
