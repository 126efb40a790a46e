import { Injectable, Logger } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DecisionObserver, TokenTypeHint } from '../../src/index.js';
import type {
  DecisionEvent,
  IntrospectionModuleOptions,
  IntrospectionStrategy,
  RefusalEvent,
} from '../../src/index.js';
import { ADAPTERS } from '../support/host.js';
import type { Adapter, HostOptions } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import type { Answer, Question } from '../support/http.js';
import { expectActive, expectError, expectInactive, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

@Injectable()
@TokenTypeHint('urn:example:broken')
class BrokenStrategy implements IntrospectionStrategy {
  async find(token: string): Promise<undefined> {
    if (token === 'broken') throw new Error('the disk is full');
  }
}

/** Keeps what it is told. */
class Witness implements DecisionObserver {
  readonly decisions: DecisionEvent[] = [];
  readonly refusals: RefusalEvent[] = [];
  decided = (event: DecisionEvent) => void this.decisions.push(event);
  refused = (event: RefusalEvent) => void this.refusals.push(event);
  get all() {
    return [...this.decisions, ...this.refusals];
  }
}

async function worldFor(adapter: Adapter, options: Omit<HostOptions, 'dataSource'> = {}) {
  const world = await startWorld(adapter, {
    ...options,
    module: { providers: [BrokenStrategy] },
  });
  onTestFinished(() => world.stop());
  return world;
}

function observedBy(...observers: DecisionObserver[]): Partial<IntrospectionModuleOptions> {
  const useValue = observers.length === 1 ? observers[0] : observers;
  return { providers: [{ provide: DecisionObserver, useValue }] };
}

/** A question for each way to answer, with the status that it is answered with. */
async function everyAnswer(world: World): Promise<[number, Question][]> {
  const rs = ['Authorization', world.authorization('rs')];
  const form = [...FORM, ...rs];
  const live = await world.issue();
  return [
    [200, { headers: form, body: `token=${live}` }],
    [200, { headers: form, body: 'token=unknown' }],
    [400, { headers: form, body: '' }],
    [400, { headers: form, body: `token=${live}&token_type_hint=refresh_token` }],
    [401, { headers: FORM, body: `token=${live}` }],
    [401, { headers: [...FORM, 'Authorization', basic('rs', 'wrong')], body: `token=${live}` }],
    [403, { headers: [...FORM, 'Authorization', world.authorization('mute')], body: 'token=a' }],
    [405, { method: 'GET', headers: rs }],
    [405, { method: 'DELETE' }],
    [413, { headers: form, body: `token=${'x'.repeat(70_000)}` }],
    [415, { headers: ['Content-Type', 'text/plain', ...rs], body: 'token=a' }],
    [503, { headers: form, body: 'token=broken' }],
  ];
}

describe.each(ADAPTERS)('Every answer, on %s', (adapter) => {
  it('has the id of its one event, and no two have the same', async () => {
    const witness = new Witness();
    const world = await worldFor(adapter, { introspection: observedBy(witness) });
    const ids = new Set<unknown>();
    for (const [status, question] of await everyAnswer(world)) {
      const before = witness.all.length;
      const answer = await world.send(question);
      expect(answer.status, answer.text).toBe(status);
      expect(witness.all).toHaveLength(before + 1);
      const id = answer.headers['x-request-id'];
      expect(id).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
      expect(witness.all.filter(({ requestId }) => requestId === id)).toHaveLength(1);
      ids.add(id);
    }
    expect(ids.size).toBe(12);
    expect(witness.decisions).toHaveLength(2);
    expect(witness.refusals).toHaveLength(10);
  });

  it('has taken some time', async () => {
    const witness = new Witness();
    const world = await worldFor(adapter, { introspection: observedBy(witness) });
    const questions = await everyAnswer(world);
    const start = performance.now();
    for (const [, question] of questions) await world.send(question);
    const took = performance.now() - start;
    const durations = witness.all.map(({ durationMs }) => durationMs);
    expect(Math.min(...durations)).toBeGreaterThan(0);
    // They came one after the other, so all together they cannot have taken longer.
    expect(durations.reduce((sum, one) => sum + one)).toBeLessThan(took);
  });
});

/** Where the id comes from: what the client sends, what the host does, and the id. */
const OWN = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const namedBy = (id: unknown) => (app: INestApplication) =>
  app.use((request: { id?: unknown }, _response: unknown, next: () => void) => {
    request.id = id;
    next();
  });
const generatedBy = (id: string) => (app: INestApplication) => {
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  fastify.setGenReqId(() => id);
};

describe('The id of a request', () => {
  it.each<[string, Adapter, readonly string[], HostOptions['configure'], string | RegExp]>([
    ['is ours', 'express', [], undefined, OWN],
    ['is what the client sent', 'express', ['proxy-1.A_b'], undefined, 'proxy-1.A_b'],
    ['is up to 128 characters', 'express', ['x'.repeat(128)], undefined, 'x'.repeat(128)],
    ['is never longer', 'express', ['x'.repeat(129)], undefined, OWN],
    ['is never empty', 'express', [''], undefined, OWN],
    ['has no other characters', 'express', ['a b'], undefined, OWN],
    ['has no markup', 'express', ['<b>'], undefined, OWN],
    ['has nothing but ASCII', 'express', ['caf\u00e9'], undefined, OWN],
    ['is one', 'express', ['a', 'b'], undefined, OWN],
    ['is the middleware’s', 'express', ['client'], namedBy('host-1'), 'host-1'],
    ['is the middleware’s number', 'express', [], namedBy(7), '7'],
    ['is not the middleware’s object', 'express', [], namedBy({}), OWN],
    ['is Fastify’s', 'fastify', ['client'], undefined, /^req-\w+$/],
    ['is what the host lets Fastify make', 'fastify', [], generatedBy('host-2'), 'host-2'],
    ['is not what a header cannot hold', 'fastify', [], generatedBy('a b'), OWN],
  ])('%s, on %s, of %j', async (_what, adapter, sent, configure, expected) => {
    const witness = new Witness();
    const world = await worldFor(adapter, {
      introspection: observedBy(witness),
      ...(configure ? { configure } : {}),
    });
    const headers = [
      ...FORM,
      'Authorization',
      world.authorization('rs'),
      ...sent.flatMap((value) => ['X-Request-Id', value]),
    ];
    const { headers: received } = await ask(world.origin, { headers, body: 'token=unknown' });
    expect(received['x-request-id']).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
    expect(witness.decisions[0]!.requestId).toBe(received['x-request-id']);
  });
});

describe.each(ADAPTERS)('Observers, on %s', (adapter) => {
  it('can be several, and each is told of everything', async () => {
    const [first, second] = [new Witness(), new Witness()];
    const world = await worldFor(adapter, { introspection: observedBy(first, second) });
    for (const [, question] of await everyAnswer(world)) await world.send(question);
    expect(first.all).toHaveLength(12);
    expect(second.all).toEqual(first.all);
  });

  const failing: [string, () => void][] = [
    [
      'throws',
      () => {
        throw new Error('audit is down');
      },
    ],
    ['is rejected later', async () => Promise.reject(new Error('audit is down'))],
  ];
  it.each(failing)('one that %s is logged, and changes no answer', async (_what, fail) => {
    const logged = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    onTestFinished(() => logged.mockRestore());
    const witness = new Witness();
    const world = await worldFor(adapter, {
      introspection: observedBy({ decided: fail, refused: fail }, witness),
    });
    const answers: Answer[] = [];
    for (const [status, question] of await everyAnswer(world)) {
      const answer = await world.send(question);
      expect(answer.status, answer.text).toBe(status);
      answers.push(answer);
    }
    expectActive(answers[0]!);
    expectInactive(answers[1]!);
    expectError(answers.at(-1)!, 503, 'temporarily_unavailable');
    expect(witness.all).toHaveLength(12);
    const line = { event: 'observer_failure', cause: 'Error: audit is down' };
    expect(logged.mock.calls).toEqual(Array.from({ length: 12 }, () => [line]));
  });
});
