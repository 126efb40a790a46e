import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FORM, ask, basic } from '../support/http.js';
import { metricsUrl } from '../support/metrics.js';
import { cliJson, directoryForTest, eventually, serverForTest } from '../support/programs.js';
import { tokenForTest } from '../support/workers.js';
import { prometheusFor } from './prometheus.js';
import type { Vector } from './prometheus.js';

it.each(['1', '2'])('Prometheus has counted what was answered by WORKERS=%s', async (WORKERS) => {
  const { url, question, revoke } = await tokenForTest();
  const JWKS_FILE = join(await directoryForTest(), 'keys.json');
  await cliJson(['keys', 'generate', '--out', JWKS_FILE], {});
  const variables = { DATABASE_URL: url, WORKERS, JWKS_FILE, METRICS_PORT: '0' };
  const server = await serverForTest(variables);
  const query = await prometheusFor(await metricsUrl(server));

  const { headers } = question;
  const wrong = [...FORM, 'Authorization', basic('rs', 'wrong')];
  for (let i = 0; i < 7; i++) await ask(server.origin, question);
  await revoke();
  for (let i = 0; i < 5; i++) await ask(server.origin, question);
  for (let i = 0; i < 4; i++) await ask(server.origin, { headers, body: 'token=unknown' });
  for (let i = 0; i < 3; i++) await ask(server.origin, { headers: wrong, body: 'token=a' });
  for (let i = 0; i < 2; i++) await ask(server.origin, { headers, body: '' });

  // One scrape has all of them, because they were all answered before it.
  await eventually(async () => (await value(query, 'sum(introspection_requests_total)')) === 21);
  expect(by(await query('introspection_requests_total > 0'), 'outcome')).toEqual({
    active: 7,
    inactive: 9,
    invalid_client: 3,
    invalid_request: 2,
  });
  expect(by(await query('introspection_inactive_total > 0'), 'reason')).toEqual({
    revoked: 5,
    unrecognized: 4,
  });
  expect(by(await query('introspection_duration_seconds_count'), 'outcome')).toEqual({
    active: 7,
    inactive: 9,
    error: 5,
  });
  expect(by(await query('introspection_duration_seconds_bucket{le="+Inf"}'), 'outcome')).toEqual({
    active: 7,
    inactive: 9,
    error: 5,
  });
  const slowest = 'histogram_quantile(1, sum by (le) (introspection_duration_seconds_bucket))';
  expect(await value(query, slowest)).toBeGreaterThan(0);
  for (const name of [
    'introspection_query_keys_count',
    'introspection_pool_connections',
    'introspection_key_set_age_seconds',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
  ]) {
    expect(await value(query, name), name).toBeGreaterThan(0);
  }
  for (const name of [
    'introspection_reads_waiting',
    'introspection_queries_in_flight',
    'introspection_pool_waiting',
  ]) {
    expect(await value(query, name), name).toBe(0);
  }
  expect(await value(query, 'up')).toBe(1);
});

/** The value of the one series that a query finds. */
async function value(query: (text: string) => Promise<Vector>, text: string) {
  return (await query(text))[0]?.value;
}

function by(vector: Vector, label: string): Record<string, number> {
  return Object.fromEntries(vector.map(({ labels, value: n }) => [labels[label]!, n]));
}
