import { expect, it } from 'vitest';
import { FORM, ask, basic } from '../support/http.js';
import { eventually, serverForTest } from '../support/programs.js';
import type { Variables } from '../support/programs.js';
import { tokenForTest, workersForTest } from '../support/workers.js';

const SECRET = 'a-secret-that-was-guessed';

/** @returns the statuses of so many attempts with a wrong secret */
async function attack(origin: string, attempts: number, headers: string[] = []) {
  const statuses: number[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const authorization = [...FORM, ...headers, 'Authorization', basic('rs', SECRET + attempt)];
    statuses.push((await ask(origin, { headers: authorization, body: 'token=x' })).status);
  }
  return statuses;
}

const times = (count: number, status: number) => Array.from({ length: count }, () => status);

it.each<[string, Variables, number[]]>([
  ['by default', {}, [...times(20, 401), ...times(5, 429)]],
  ['with LIMITS=postgres', { LIMITS: 'postgres' }, [...times(20, 401), ...times(5, 429)]],
  ['with LIMITS=off', { LIMITS: 'off' }, times(25, 401)],
])('guessing, %s', async (_, variables, statuses) => {
  const { url, question } = await tokenForTest();
  const server = await serverForTest({ DATABASE_URL: url, ...variables });
  expect(await attack(server.origin, 25)).toEqual(statuses);
  expect((await ask(server.origin, question)).json['active']).toBe(true);
  await eventually(() => server.log().some(({ token_client }) => token_client === 'rs'));
  const reports = server.log().filter(({ event }) => event === 'guessing');
  const report = { level: 'warn', address: '127.0.0.1', failures: 20, blocked_seconds: 300 };
  expect(reports).toMatchObject(statuses.includes(429) ? [report] : []);
  expect(server.output()).not.toContain(SECRET);
});

it('TRUSTED_PROXIES: each address behind them is limited by itself', async () => {
  const { url } = await tokenForTest();
  const server = await serverForTest({ DATABASE_URL: url, TRUSTED_PROXIES: '127.0.0.0/8,::1' });
  for (const address of ['203.0.113.1', '203.0.113.2']) {
    const statuses = await attack(server.origin, 21, ['X-Forwarded-For', address]);
    expect(statuses).toEqual([...times(20, 401), 429]);
  }
});

it('LIMITS=postgres: workers are one server to an attacker', async () => {
  const { url, question } = await tokenForTest();
  const server = await workersForTest({ DATABASE_URL: url, LIMITS: 'postgres' });
  const statuses = await attack(server.origin, 40);
  // Each worker learns of the block with a failure of its own.
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(21);
  expect(statuses.slice(25)).not.toContain(401);
  expect((await ask(server.origin, question)).json['active']).toBe(true);
});
