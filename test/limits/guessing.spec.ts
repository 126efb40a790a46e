import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LimitsOptions } from '../../src/index.js';
import { ADAPTERS } from '../support/host.js';
import { FORM, basic, basicRaw } from '../support/http.js';
import type { Answer } from '../support/http.js';
import { observed } from '../support/observed.js';
import { expectActive, expectError, expectUnauthenticated, startWorld } from '../support/world.js';

const HERE = '127.0.0.1';
const THERE = '127.0.0.2';
const LIMITS = { failuresPerClient: 5, failuresPerAddress: 12, window: 60 };

const later = (seconds: number) =>
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
afterEach(() => void vi.useRealTimers());

function expectRefused(answer: Answer): void {
  expectError(answer, 429, 'temporarily_unavailable');
  expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  const seconds = Number(answer.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(LIMITS.window);
}

describe.each(ADAPTERS)('Guessing, on %s', (adapter) => {
  const worldWith = async (limits: LimitsOptions | false = LIMITS) => {
    const { providers, abuses } = observed();
    const world = await startWorld(adapter, { introspection: { limits, providers } });
    onTestFinished(() => world.stop());
    // The clock stands still, so that no window ends by itself.
    later(0);
    const live = await world.issue({ aud: [] });
    const send = (authorization: string, from: string) =>
      world.send({
        headers: [...FORM, 'Authorization', authorization],
        body: `token=${live}`,
        from,
      });
    return {
      ...world,
      abuses,
      guess: (id = 'rs', from = THERE) => send(basic(id, randomBytes(9).toString('hex')), from),
      ask: (id: string, from: string, secret = world.secrets[id]!) => send(basic(id, secret), from),
    };
  };
  type GuessingWorld = Awaited<ReturnType<typeof worldWith>>;
  const guesses = async (world: GuessingWorld, count: number, id?: string) => {
    const answers: Answer[] = [];
    while (answers.length < count) answers.push(await world.guess(id));
    return answers.map(({ status }) => status);
  };

  it('stops the attacker, and answers correct callers throughout, there and elsewhere', async () => {
    const world = await worldWith();
    const statuses: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      const guess = await world.guess();
      statuses.push(guess.status);
      if (turn < 5) expectUnauthenticated(guess);
      else expectRefused(guess);
      expectActive(await world.ask('rs', HERE));
      expectActive(await world.ask('rs', THERE));
      expectActive(await world.ask('auditor', THERE));
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(world.abuses).toEqual([{ kind: 'guessing', address: THERE, failures: 5, seconds: 60 }]);
  });

  it('lets the attacker try again after the window, as often as before', async () => {
    const world = await worldWith();
    expect(await guesses(world, 7)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    later(LIMITS.window + 1);
    expect(await guesses(world, 6)).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('does not compare a chosen secret while its client is blocked there', async () => {
    const world = await worldWith();
    await world.clients.create({ clientId: 'chosen', secret: 'guess me' });
    expectActive(await world.ask('chosen', THERE, 'guess me'));
    await guesses(world, 5, 'chosen');
    expectRefused(await world.ask('chosen', THERE, 'guess me'));
    expectActive(await world.ask('chosen', HERE, 'guess me'));
    later(LIMITS.window + 1);
    expectActive(await world.ask('chosen', THERE, 'guess me'));
  });

  it('stops who tries one client after the other', async () => {
    const world = await worldWith();
    await world.clients.create({ clientId: 'chosen', secret: 'worked before' });
    await world.clients.create({ clientId: 'new', secret: 'not seen yet' });
    expectActive(await world.ask('chosen', THERE, 'worked before'));
    for (let client = 0; client < 12; client++) {
      expectUnauthenticated(await world.guess(`client-${client}`));
    }
    expectRefused(await world.guess('another'));
    expectRefused(await world.ask('new', THERE, 'not seen yet'));
    expectActive(await world.ask('chosen', THERE, 'worked before'));
    expectActive(await world.ask('rs', THERE));
    expectActive(await world.ask('new', HERE, 'not seen yet'));
    expect(world.abuses).toEqual([{ kind: 'guessing', address: THERE, failures: 12, seconds: 60 }]);
  });

  it('refuses unknown clients, wrong secrets and disabled clients with the same bytes', async () => {
    const world = await worldWith();
    const refusals: string[] = [];
    for (const id of ['rs', 'nobody', 'disabled']) {
      await guesses(world, 5, id);
      const { status, text, headers } = await (id === 'disabled'
        ? world.ask(id, THERE)
        : world.guess(id));
      expect(status).toBe(429);
      refusals.push(text + headers['retry-after']);
      later(LIMITS.window + 1);
    }
    expect(new Set(refusals).size).toBe(1);
  });

  it('counts an id in every reading of it', async () => {
    const world = await worldWith();
    await world.clients.create({ clientId: 'a+b', secret: 'guess me' });
    // Raw, the id is read in two ways; encoded, in one.
    const raw = () =>
      world.send({
        headers: [...FORM, 'Authorization', basicRaw('a+b:wrong')],
        body: 'token=x',
        from: THERE,
      });
    for (let attempt = 0; attempt < 3; attempt++) expectUnauthenticated(await raw());
    expect(await guesses(world, 3, 'a+b')).toEqual([401, 401, 429]);
    expectRefused(await raw());
  });

  it('B21 counts what cannot be read, and not what has no credentials', async () => {
    const world = await worldWith();
    const sendWith = (headers: string[]) =>
      world.send({ headers: [...FORM, ...headers], body: 'token=x', from: THERE });
    for (let turn = 0; turn < 13; turn++) expectUnauthenticated(await sendWith([]));
    const unreadable = ['Basic !!', 'Bearer x', 'x', 'Basic OmE=', '', 'Basic YTox, Basic YTox'];
    for (let turn = 0; turn < 12; turn++) {
      expectUnauthenticated(await sendWith(['Authorization', unreadable[turn % 6]!]));
    }
    for (const one of unreadable) expectRefused(await sendWith(['Authorization', one]));
    expectRefused(await world.guess('another'));
    expectUnauthenticated(await sendWith([]));
    expectActive(await world.ask('rs', THERE));
    expect(world.abuses).toEqual([{ kind: 'guessing', address: THERE, failures: 12, seconds: 60 }]);
  });

  it('is not looked for when limits are off', async () => {
    const world = await worldWith(false);
    expect(new Set(await guesses(world, 20))).toEqual(new Set([401]));
  });
});
