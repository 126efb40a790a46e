import { join } from 'node:path';
import { ISSUER } from '../fixtures.mjs';
import { root } from '../setup.mjs';
import { start } from './start.mjs';

/**
 * Our server, as it runs in production.
 * @param {{ name?: string, env?: Record<string, string>, cores?: number[] }} [options]
 * @returns {Promise<import('./start.mjs').Server>}
 */
export function ours(bench, databaseUrl, { name = 'this package', env = {}, ...options } = {}) {
  return start(bench, name, join(root, 'dist', 'app', 'server', 'main.js'), {
    ...options,
    env: { DATABASE_URL: databaseUrl, ISSUER, LOG_LEVEL: 'warn', PORT: '0', ...env },
  });
}
