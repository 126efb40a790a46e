import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DecisionObserver, TokenTypeHint } from '../../src/index.js';
import type { IntrospectionStrategy } from '../../src/index.js';
import { Measures } from '../../app/server/measures.js';
import { FORM, ask, basic } from '../support/http.js';
import { hmac } from '../support/jwt.js';
import { counted, metricsUrl, parseSeries, scrape } from '../support/metrics.js';
import type { Series } from '../support/metrics.js';
import {
  cliJson,
  directoryForTest,
  expectFailure,
  runServer,
  serverForTest,
} from '../support/programs.js';
import { kill, tokenForTest, workersForTest } from '../support/workers.js';
import { startWorld } from '../support/world.js';

const ACTIVE = '{outcome="active",status="200"}';

/** A server with metrics for one test, and a question whose answer is active. */
async function measuredServer(limits = 'off') {
  const { url, question } = await tokenForTest();
  const file = join(await directoryForTest(), 'keys.json');
  await cliJson(['keys', 'generate', '--out', file], {});
  const variables = { DATABASE_URL: url, METRICS_PORT: '0', JWKS_FILE: file, LIMITS: limits };
  const server = await serverForTest(variables);
  return { ...server, question, metrics: await metricsUrl(server) };
}

describe('metrics', () => {
  it('count answers by outcome, and measure them', async () => {
    const { origin, question, metrics } = await measuredServer();
    const { headers } = question;
    for (let i = 0; i < 3; i++) await ask(origin, question);
    for (let i = 0; i < 2; i++) await ask(origin, { headers, body: 'token=unknown' });
    const foreign = hmac('x', { alg: 'HS256' }, { iss: 'https://elsewhere.example' });
    await ask(origin, { headers, body: `token=${foreign}` });
    await ask(origin, { headers, body: '' });
    await ask(origin, { headers, body: 'token=a&token_type_hint=refresh_token' });
    await ask(origin, { headers, body: `token=${'x'.repeat(70_000)}` });
    await ask(origin, { headers: FORM, body: 'token=a' });
    await ask(origin, { method: 'GET' });
    await ask(origin, { method: 'GET', path: '/health/ready' });
    const series = await scrape(metrics);
    expect(counted(series, 'introspection_requests_total')).toEqual({
      [ACTIVE]: 3,
      '{outcome="inactive",status="200"}': 3,
      '{outcome="invalid_request",status="400"}': 1,
      '{outcome="unsupported_token_type",status="400"}': 1,
      '{outcome="invalid_request",status="413"}': 1,
      '{outcome="invalid_client",status="401"}': 1,
      '{outcome="invalid_request",status="405"}': 1,
    });
    expect(counted(series, 'introspection_inactive_total')).toEqual({
      '{reason="unrecognized"}': 2,
      '{reason="untrusted_issuer"}': 1,
    });
    expect(counted(series, 'introspection_duration_seconds_count')).toEqual({
      '{outcome="active"}': 3,
      '{outcome="inactive"}': 3,
      '{outcome="error"}': 5,
    });
    // Caller and token are read together, and nothing is asked for who has no credentials.
    const queries = series.get('introspection_query_keys_count')!;
    expect(queries).toBeGreaterThanOrEqual(5);
    expect(series.get('introspection_query_keys_sum')).toBeGreaterThan(queries);
    expect(series.get('introspection_reads_waiting')).toBe(0);
    expect(series.get('introspection_queries_in_flight')).toBe(0);
    expect(series.get('introspection_pool_connections')).toBeGreaterThan(0);
    expect(series.get('introspection_pool_idle')).toBe(
      series.get('introspection_pool_connections'),
    );
    expect(series.get('introspection_pool_waiting')).toBe(0);
    expect(series.get('introspection_key_set_age_seconds')).toBeGreaterThanOrEqual(0);
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('count the limits that were hit', async () => {
    const { origin, metrics } = await measuredServer('memory');
    const guess = { headers: [...FORM, 'Authorization', basic('rs', 'guess')], body: 'token=a' };
    for (let i = 0; i < 22; i++) await ask(origin, guess);
    const series = await scrape(metrics);
    expect(counted(series, 'introspection_abuse_total')).toEqual({ '{kind="guessing"}': 1 });
    expect(counted(series, 'introspection_requests_total')).toEqual({
      '{outcome="invalid_client",status="401"}': 20,
      '{outcome="temporarily_unavailable",status="429"}': 2,
    });
  });

  it('have no more series after 500 clients, tokens, ids and paths than before', async () => {
    const { origin, question, metrics } = await measuredServer();
    const [, , , authorization] = question.headers;
    await ask(origin, question);
    // Node's own are left out: each kind of garbage collection is a series from its first time on.
    const ours = (series: Series) =>
      [...series.keys()].filter((name) => name.startsWith('introspection_'));
    const before = ours(await scrape(metrics));
    const asked: Promise<unknown>[] = [];
    for (let i = 0; i < 500; i++) {
      const id = ['X-Request-Id', `id-${i}`];
      const by = (value: string) => [...FORM, ...id, 'Authorization', value];
      asked.push(
        ask(origin, { headers: by(basic(`client-${i}`, 'secret')), body: `token=t-${i}` }),
        ask(origin, { headers: by(authorization!), body: `token=t-${i}` }),
        ask(origin, { headers: by(authorization!), body: `token=a&token_type_hint=hint-${i}` }),
        ask(origin, { headers: by(authorization!), path: `/path-${i}`, body: 'token=a' }),
        ask(origin, { headers: by(authorization!), path: `/introspect?q=${i}`, method: 'GET' }),
      );
      if (asked.length >= 50) await Promise.all(asked.splice(0));
    }
    const series = await scrape(metrics);
    expect(ours(series)).toEqual(before);
    expect([...series.keys()].join()).not.toMatch(/client-|t-\d|id-|hint-|path-/);
    expect(counted(series, 'introspection_requests_total')).toEqual({
      [ACTIVE]: 1,
      '{outcome="inactive",status="200"}': 500,
      '{outcome="invalid_client",status="401"}': 500,
      '{outcome="invalid_request",status="405"}': 500,
      '{outcome="unsupported_token_type",status="400"}': 500,
    });
  });

  it('have one series for all reasons of a host’s own', async () => {
    @Injectable()
    @TokenTypeHint('urn:example:any')
    class AnyReasonStrategy implements IntrospectionStrategy {
      find = async (token: string) => ({ rejected: `because of ${token}` });
    }
    const measures = new Measures();
    const world = await startWorld('fastify', {
      module: { providers: [AnyReasonStrategy] },
      introspection: { providers: [{ provide: DecisionObserver, useValue: measures }] },
    });
    onTestFinished(() => world.stop());
    for (let i = 0; i < 20; i++) await world.introspect(`token-${i}`, { hint: 'urn:example:any' });
    const text = await measures.registry.metrics();
    expect(counted(parseSeries(text), 'introspection_inactive_total')).toEqual({
      '{reason="other"}': 20,
    });
  });

  it('are nowhere else: not on the server’s port, and nothing but metrics on theirs', async () => {
    const { origin, metrics } = await measuredServer();
    expect((await ask(origin, { method: 'GET', path: '/metrics' })).status).toBe(404);
    const { origin: theirs } = new URL(metrics);
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/introspect'],
      ['POST', '/metrics'],
      ['GET', '/health/live'],
    ] as const) {
      expect((await ask(theirs, { method, path })).status, `${method} ${path}`).toBe(404);
    }
  });

  it('are off unless there is a port for them', async () => {
    const { url } = await tokenForTest();
    const { output } = await serverForTest({ DATABASE_URL: url, METRICS_HOST: '127.0.0.1' });
    expect(output()).not.toContain('Metrics on');
  });

  it('say in one line that their port is taken', async () => {
    const { url } = await tokenForTest();
    const server = await serverForTest({ DATABASE_URL: url });
    const { port } = new URL(server.origin);
    for (const WORKERS of ['1', '2']) {
      expectFailure(
        await runServer([], { DATABASE_URL: url, PORT: '0', METRICS_PORT: port, WORKERS }),
        new RegExp(`^The metrics cannot be served on 127\\.0\\.0\\.1, port ${port} .*METRICS_PORT`),
      );
    }
  });
});

describe('metrics of several workers', () => {
  it('are those of all of them, and what a dead one counted is not lost', async () => {
    const { url, question } = await tokenForTest();
    const server = await workersForTest({ DATABASE_URL: url, METRICS_PORT: '0' });
    const metrics = await metricsUrl(server);
    const active = async () =>
      counted(await scrape(metrics), 'introspection_requests_total')[ACTIVE];
    // Round robin: two in a row are one for each.
    for (let i = 0; i < 10; i++) await ask(server.origin, question);
    expect(await active()).toBe(10);

    const dead = server.pid(1);
    kill(dead, 'SIGKILL');
    await server.replaced(dead);
    expect(await active()).toBe(10);
    for (let i = 0; i < 10; i++) await ask(server.origin, question);
    expect(await active()).toBe(20);
  });

  it('are had of a worker that stands still, as they were last', async () => {
    const { url, question } = await tokenForTest();
    const server = await workersForTest({ DATABASE_URL: url, METRICS_PORT: '0' });
    const metrics = await metricsUrl(server);
    for (let i = 0; i < 10; i++) await ask(server.origin, question);
    const before = await scrape(metrics);
    kill(server.pid(1), 'SIGSTOP');
    const during = await scrape(metrics);
    const requests = 'introspection_requests_total';
    expect(counted(during, requests)).toEqual(counted(before, requests));
    expect(during.get('introspection_pool_connections')).toBe(
      before.get('introspection_pool_connections'),
    );
    kill(server.pid(1), 'SIGCONT');
  });
});
