import { describe, expect, it, onTestFinished } from 'vitest';
import type { LimitsOptions } from '../../src/index.js';
import { ADAPTERS, startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import type { Answer } from '../support/http.js';
import { LAST, exchange } from '../support/raw-http.js';
import { rawRequests } from '../support/raw-requests.js';
import { eventually } from '../support/programs.js';
import { countComparisons } from '../support/scrypt.js';
import { expectActive, expectError, expectUnauthenticated, startWorld } from '../support/world.js';

const HERE = '127.0.0.1';
const THERE = '127.0.0.2';

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
      count: countComparisons(),
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

  it('B20 from two addresses are two, though they are equal', async () => {
    const world = await worldWith({});
    const answers = [HERE, THERE].map((from) => world.ask('chooser', 'wrong', from));
    for (const answer of await Promise.all(answers)) expectUnauthenticated(answer);
    expect(world.count.begun).toBe(2);
  });

  it('B20 that are equal wait up to a bound', async () => {
    const world = await worldWith({});
    const guess = rawRequests(basic('chooser', 'wrong')).request('x');
    const bytes = guess.repeat(300) + LAST;
    const { statuses } = await exchange(world.origin, bytes, { patience: 20_000 });
    expect(statuses.filter(isStatus(429)).length).toBeGreaterThanOrEqual(99);
    expect(world.count.begun).toBe(1);
  });

  it('B20 are no more at an address that is blocked, where one has worked before', async () => {
    const world = await worldWith({ failuresPerClient: 5, failuresPerAddress: 12 });
    const long = 'a-secret-that-is-long-and-was-chosen-by-somebody';
    await world.clients.create({ clientId: 'long', secret: long });
    for (const [id, secret] of [
      ['chooser', 'guess-me'],
      ['long', long],
    ] as const) {
      expectActive(await world.ask(id, secret, HERE));
    }
    for (let at = 0; at < 12; at++) await world.ask(`nobody-${at}`, 'x');
    const { begun } = world.count;
    for (const [id, secret] of [
      ['chooser', 'guess-me'],
      ['long', long],
    ] as const) {
      // The right one is let in, until somebody guesses.
      expectActive(await world.ask(id, secret));
      for (let at = 0; at < 4; at++) {
        expectError(await world.ask(id, `${secret}-${at}`), 429, 'temporarily_unavailable');
      }
      expectActive(await world.ask(id, secret));
      expectError(await world.ask(id, `${secret}-5`), 429, 'temporarily_unavailable');
      expectError(await world.ask(id, secret), 429, 'temporarily_unavailable');
      expectActive(await world.ask(id, secret, HERE));
    }
    expect(world.count.begun).toBe(begun);
  });

  it('B20 are no more when they come before their address is blocked', async () => {
    const world = await worldWith({ failuresPerClient: 5, failuresPerAddress: 12 });
    expectActive(await world.ask('chooser', 'guess-me'));
    const request = (id: string, secret: string) => rawRequests(basic(id, secret)).request('x');
    const blocking = Array.from({ length: 12 }, (_, at) => request(`nobody-${at}`, 'x'));
    const guesses = Array.from({ length: 30 }, (_, at) => request('chooser', `guess-${at}`));
    const bytes = [...blocking, ...guesses, request('chooser', 'guess-me'), LAST].join('');
    const { statuses } = await exchange(world.origin, bytes, { patience: 20_000 });
    expect(statuses.slice(12, 43)).not.toContain(200);
  });

  it('B20 are counted though they find no place, where one has worked before', async () => {
    const world = await worldWith({ failuresPerClient: 30 });
    expectActive(await world.ask('chooser', 'guess-me'));
    const request = (secret: string) => rawRequests(basic('chooser', secret)).request('x');
    const guesses = Array.from({ length: 60 }, (_, at) => request(`guess-${at}`));
    const bytes = [...guesses, request('guess-me'), LAST].join('');
    const { statuses } = await exchange(world.origin, bytes, { patience: 20_000 });
    expect(statuses.slice(0, 61)).not.toContain(200);
    expectError(await world.ask('chooser', 'guess-me', HERE), 429, 'temporarily_unavailable');
  });

  it('B20 that find no place are no guesses: a correct caller gets in when there is one', async () => {
    const world = await worldWith({ failuresPerClient: 2 });
    expectActive(await world.ask('chooser', 'guess-me', HERE));
    const strangers = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'].flatMap(
      (from) => Array.from({ length: 22 }, (_, at) => world.ask(`nobody-${at}`, 'x', from)),
    );
    const statuses = new Set<number>();
    await eventually(async () => {
      const { status } = await world.ask('other', 'not-asked-yet', '127.0.0.7');
      statuses.add(status);
      return status === 200;
    });
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await Promise.all(strangers);
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
