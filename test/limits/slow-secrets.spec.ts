import { createHook } from 'node:async_hooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LimitsOptions } from '../../src/index.js';
import { ADAPTERS, startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import type { Answer } from '../support/http.js';
import { LAST, exchange } from '../support/raw-http.js';
import { rawRequests } from '../support/raw-requests.js';
import { expectActive, expectError, expectUnauthenticated, startWorld } from '../support/world.js';

const HERE = '127.0.0.1';
const THERE = '127.0.0.2';

/** Counts the slow comparisons that this process makes. */
function comparisons() {
  const count = { begun: 0 };
  const hook = createHook({
    init: (_id, type) => void (type === 'SCRYPTREQUEST' && count.begun++),
  }).enable();
  onTestFinished(() => void hook.disable());
  return count;
}

const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status);
const isStatus = (wanted: number) => (status: number) => status === wanted;

describe.each(ADAPTERS)('Guesses of a chosen secret, on %s', (adapter) => {
  const worldWith = async (limits: LimitsOptions) => {
    const world = await startWorld(adapter, { introspection: { limits } });
    onTestFinished(() => world.stop());
    await world.clients.create({ clientId: 'chooser', secret: 'guess-me' });
    await world.clients.create({ clientId: 'other', secret: 'not-asked-yet' });
    const live = await world.issue({ aud: [] });
    return {
      ...world,
      count: comparisons(),
      ask: (id: string, secret: string, from = THERE) =>
        world.send({
          headers: [...FORM, 'Authorization', basic(id, secret)],
          body: `token=${live}`,
          from,
        }),
    };
  };

  it('B20 that come at once are no more than those that come one by one', async () => {
    const world = await worldWith({ failuresPerClient: 5 });
    const guesses = Array.from({ length: 60 }, (_, at) =>
      world.ask('chooser', at === 59 ? 'guess-me' : `guess-${at}`),
    );
    const statuses = statusesOf(await Promise.all(guesses));
    expect(world.count.begun).toBe(5);
    // The right one may have come among the first; connections keep no order between them.
    expect(statuses.filter(isStatus(429))).toHaveLength(55);
    expect(statuses.filter(isStatus(401)).length).toBeGreaterThanOrEqual(4);
    const again = await world.ask('chooser', 'one-more');
    expectError(again, 429, 'temporarily_unavailable');
    expect(world.count.begun).toBe(5);
  });

  it('B20 that are right give back what they were counted for', async () => {
    const world = await worldWith({ failuresPerClient: 3 });
    for (const guess of ['a', 'b']) expectUnauthenticated(await world.ask('chooser', guess));
    expectActive(await world.ask('chooser', 'guess-me'));
    expectUnauthenticated(await world.ask('chooser', 'c'));
    expectError(await world.ask('chooser', 'd'), 429, 'temporarily_unavailable');
    expect(world.count.begun).toBe(4);
  });

  it('B20 that are right and equal are one, however many come at once', async () => {
    const world = await worldWith({ failuresPerClient: 3 });
    const answers = Array.from({ length: 40 }, () => world.ask('chooser', 'guess-me'));
    for (const answer of await Promise.all(answers)) expectActive(answer);
    expect(world.count.begun).toBe(1);
  });

  it('B20 that are wrong and equal are one comparison, and each a failure', async () => {
    const world = await worldWith({ failuresPerClient: 10 });
    // In one packet, so that all have come before the first is compared.
    const guess = rawRequests(basic('chooser', 'wrong')).request('x');
    const { statuses } = await exchange(world.origin, guess.repeat(40) + LAST, {
      patience: 20_000,
    });
    for (const status of statuses.slice(0, 40)) expect([401, 429]).toContain(status);
    expect(world.count.begun).toBe(1);
    expectError(await world.ask('chooser', 'right', HERE), 429, 'temporarily_unavailable');
  });

  it('B20 from one address keep nobody waiting who comes from another', async () => {
    const world = await worldWith({ failuresPerAddress: 150 });
    expectActive(await world.ask('chooser', 'guess-me'));
    const before = world.count.begun;
    const strangers = Array.from({ length: 150 }, (_, at) => world.ask(`nobody-${at}`, 'x'));
    while (world.count.begun < before + 2) await new Promise(setImmediate);
    expectActive(await world.ask('other', 'not-asked-yet', HERE));
    // Generated secrets and the ones that have worked wait for nothing.
    expectActive(await world.ask('auditor', world.secrets['auditor']!));
    expectActive(await world.ask('other', 'not-asked-yet', HERE));
    // Two are at work at a time, and twenty wait: whoever had to wait for all of them would see 22.
    expect(world.count.begun).toBeLessThan(before + 20);
    const statuses = statusesOf(await Promise.all(strangers));
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
  });

  it('B4 cost the same from the first on, in a process that has seen no chosen secret yet', async () => {
    const world = await worldWith({});
    const second = await startHost(adapter, { dataSource: world.dataSource });
    onTestFinished(() => second.close());
    const guess = (id: string) =>
      ask(second.origin, { headers: [...FORM, 'Authorization', basic(id, 'x')], body: 'token=x' });
    for (const id of ['nobody', 'rs', 'chooser', 'disabled']) {
      const { begun } = world.count;
      expectUnauthenticated(await guess(id));
      expect(`${id} ${world.count.begun - begun}`).toBe(`${id} 1`);
    }
  });
});
