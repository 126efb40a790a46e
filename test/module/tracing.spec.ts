import { SpanStatusCode, context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IntrospectionService } from '../../src/index.js';
import type { Caller } from '../../src/index.js';
import { ADAPTERS } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import { expectActive, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

describe.each(ADAPTERS)('OpenTelemetry, on %s', (adapter) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(adapter);
  });
  afterAll(() => world.stop());
  afterAll(() => {
    trace.disable();
    context.disable();
    exporter.reset();
  });

  it('hears nothing while the host has no tracer provider', async () => {
    expectActive(await world.introspect(await world.issue()));
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('hears of each introspection once, and of no token or secret', async () => {
    // Hosts may start their SDK after us.
    trace.setGlobalTracerProvider(provider);
    const live = await world.issue();
    const headers = [...FORM, 'Authorization', basic('rs', 'wrong-secret')];
    await world.introspect(live);
    await world.introspect('unknown-token');
    await world.send({ headers, body: `token=${live}` });
    await world.send({ method: 'GET' });
    await world.dataSource.query('ALTER TABLE opaque_token RENAME TO away');
    await world.introspect(live);
    await world.dataSource.query('ALTER TABLE away RENAME TO opaque_token');
    const spans = exporter.getFinishedSpans();
    expect(
      spans.map(({ name, attributes, status, ended }) => ({ name, attributes, status, ended })),
    ).toEqual(
      (
        [
          ['active', 200],
          ['inactive', 200],
          ['invalid_client', 401],
          ['invalid_request', 405],
          ['temporarily_unavailable', 503],
        ] as const
      ).map(([outcome, status]) => ({
        name: 'introspection',
        attributes: { 'introspection.outcome': outcome, 'http.response.status_code': status },
        status: { code: status === 503 ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
        ended: true,
      })),
    );
    const told = JSON.stringify(
      spans.map(({ name, attributes, events, links, status }) => [
        name,
        attributes,
        events,
        links,
        status,
      ]),
    );
    for (const secret of [live, 'unknown-token', 'wrong-secret', world.secrets['rs']!]) {
      expect(told).not.toContain(secret);
    }
    for (const { startTime, endTime } of spans) {
      expect(endTime[0] - startTime[0] + (endTime[1] - startTime[1]) / 1e9).toBeGreaterThan(0);
    }
  });

  it('has the introspection below the span that was active when it was asked for', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    exporter.reset();
    const caller: Caller = (await world.clients.find('rs'))!;
    const token = await world.issue();
    await provider.getTracer('host').startActiveSpan('host', async (span) => {
      await world.app.get(IntrospectionService).introspect({ token }, caller);
      span.end();
    });
    const [introspection, host] = exporter.getFinishedSpans();
    expect(introspection!.parentSpanContext?.spanId).toBe(host!.spanContext().spanId);
  });
});
