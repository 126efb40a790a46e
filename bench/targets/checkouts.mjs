import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ISSUER } from '../fixtures.mjs';
import { root } from '../setup.mjs';
import { start } from './start.mjs';

/** @typedef {import('./start.mjs').Server} Server */
/** @typedef {{ name?: string, env?: Record<string, string>, cores?: number[], nodeArguments?: string[] }} Options */

/** What lanes of the checkout are called that --against names. */
export const OTHER = 'the other checkout';

/** Our server, as it runs in production. @param {Options} [options] @returns {Promise<Server>} */
export function ours(bench, databaseUrl, options) {
  return production(bench, root, databaseUrl, { name: 'this package', ...options });
}

/** The same server of the checkout that --against names. @param {Options} [options] */
export function otherServer(bench, databaseUrl, options) {
  return production(bench, bench.options.against, databaseUrl, { name: OTHER, ...options });
}

function production(bench, checkout, databaseUrl, { name, env, ...options }) {
  return start(bench, name, serverOf(checkout), {
    ...options,
    env: { DATABASE_URL: databaseUrl, ISSUER, LOG_LEVEL: 'warn', PORT: '0', ...env },
  });
}

/**
 * An application that imports the package of a checkout.
 * @param {string} checkout its folder
 * @param {{ name: string, adapter: 'fastify' | 'express', guarded: boolean }} options
 */
export function host(bench, databaseUrl, checkout, { name, adapter, guarded }) {
  return start(bench, name, join(import.meta.dirname, 'host.mjs'), {
    env: {
      ADAPTER: adapter,
      DATABASE_URL: databaseUrl,
      GUARD: String(guarded),
      ISSUER,
      PACKAGE: join(checkout, 'dist', 'src', 'index.js'),
    },
  });
}

/** Older checkouts have their server in another folder. */
function serverOf(checkout) {
  const [now, before] = ['app', 'src'].map((folder) =>
    join(checkout, 'dist', folder, 'server', 'main.js'),
  );
  return existsSync(now) ? now : before;
}
