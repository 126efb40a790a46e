import { afterEach, describe, expect, it, vi } from 'vitest';
import { FailureTally } from '../../src/limits/failure-tally.js';
import { SharedFailures } from '../../src/limits/shared-failures.js';
import type { FailureStore } from '../../src/limits/shared-failures.js';
import { SlowComparisons } from '../../src/limits/slow-comparisons.js';

afterEach(() => void vi.useRealTimers());

describe('Slow comparisons', () => {
  /** Comparisons that end when they are told to. */
  function queue() {
    const comparisons = new SlowComparisons();
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const outcomes: Promise<string>[] = [];
    return {
      begun,
      outcomes,
      run: (address: string, name = address) => {
        const outcome = comparisons.run(address, () => {
          begun.push(name);
          return new Promise<string>((resolve) => ends.push(() => resolve(name)));
        });
        outcome.catch(() => {});
        outcomes.push(outcome);
        return outcome;
      },
      endOne: async () => {
        ends.shift()!();
        await new Promise(setImmediate);
      },
    };
  }

  it('B20 are two at a time, and addresses take turns', async () => {
    const { run, begun, endOne, outcomes } = queue();
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'c1', 'b2']) void run(name[0]!, name);
    expect(begun).toEqual(['a1', 'a2']);
    for (let turn = 0; turn < 8; turn++) await endOne();
    expect(begun).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'a4', 'b2', 'a5']);
    expect(await Promise.all(outcomes)).toHaveLength(8);
    void run('d');
    void run('d', 'd2');
    expect(begun.slice(8)).toEqual(['d', 'd2']);
  });

  it('B20 wait twenty from one address, and sixty-four in all; others are refused', async () => {
    const { run, begun, endOne } = queue();
    for (let at = 0; at < 22; at++) void run('a');
    await expect(run('a')).rejects.toMatchObject({ status: 429, headers: { 'Retry-After': '1' } });
    for (const address of ['b', 'c', 'd']) {
      for (let at = 0; at < (address === 'd' ? 4 : 20); at++) void run(address);
    }
    await expect(run('e')).rejects.toMatchObject({ status: 503 });
    await endOne();
    expect(begun).toHaveLength(3);
    void run('e');
    await expect(run('f')).rejects.toMatchObject({ status: 503 });
    for (let turn = 0; turn < 66; turn++) await endOne();
    expect(begun).toHaveLength(67);
  });

  it('give their place on when one fails', async () => {
    const comparisons = new SlowComparisons();
    for (let turn = 0; turn < 5; turn++) {
      const failing = comparisons.run('a', () => Promise.reject(new Error('no memory')));
      await expect(failing).rejects.toThrow('no memory');
    }
    expect(await comparisons.run('a', async () => 'compared')).toBe('compared');
  });
});

describe('Failures in memory', () => {
  const at = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: ms });

  it('count within a window that begins with the first', () => {
    const tally = new FailureTally(1000);
    at(10_000);
    for (const key of ['a', 'a', 'b']) tally.add(key);
    expect([tally.failures('a'), tally.failures('b')]).toEqual([2, 1]);
    at(10_999);
    tally.add('a');
    expect(tally.failures('a')).toBe(3);
    at(11_000);
    expect(tally.failures('a')).toBe(0);
  });

  it('are taken back, and never fewer than none', () => {
    const tally = new FailureTally(1000);
    tally.takeBack('a');
    tally.add('a');
    tally.add('a');
    tally.takeBack('a');
    expect(tally.failures('a')).toBe(1);
  });

  it('know what others have counted, as it was told last', () => {
    const tally = new FailureTally(1000);
    tally.add('a');
    tally.learn('a', 7);
    expect(tally.failures('a')).toBe(7);
    tally.takeBack('a');
    expect(tally.failures('a')).toBe(6);
    tally.learn('a', 2);
    expect(tally.failures('a')).toBe(2);
    tally.learn('a', -1);
    expect(tally.failures('a')).toBe(0);
  });

  it('outlive their window where they block', () => {
    const tally = new FailureTally(1000);
    at(10_000);
    tally.add('a');
    at(10_600);
    tally.block('a');
    at(11_400);
    expect(tally.failures('a')).toBe(0);
    expect([tally.blockedForMs('a'), tally.blockedForMs('b')]).toEqual([200, 0]);
    at(11_600);
    expect(tally.blockedForMs('a')).toBe(0);
  });

  it('do not last for longer when the clock is set back', () => {
    const tally = new FailureTally(1000);
    at(10_000);
    tally.add('a');
    tally.block('a');
    at(5_000);
    expect([tally.failures('a'), tally.blockedForMs('a')]).toEqual([0, 0]);
  });

  it('are forgotten, the oldest first, beyond twenty thousand keys', () => {
    const tally = new FailureTally(1000);
    for (let key = 0; key <= 20_000; key++) tally.add(`key ${key}`);
    expect(tally.failures('key 1')).toBe(1);
    expect(tally.failures('key 20000')).toBe(1);
    expect(tally.failures('key 0')).toBe(0);
  });
});

interface Asked {
  key: string;
  points: number;
  tell: (points: number) => void;
  reject: (failure: Error) => void;
}

describe('Failures in a store that is shared', () => {
  /** A store that answers when it is told to. */
  function store() {
    const asked: Asked[] = [];
    const penalty = (key: string, points: number) =>
      new Promise((resolve, reject) => {
        asked.push({ key, points, tell: (consumedPoints) => resolve({ consumedPoints }), reject });
      });
    const failures = new SharedFailures({ limiter: { penalty } } as unknown as FailureStore);
    return { asked, failures, turn: () => new Promise(setImmediate) };
  }

  it('are counted one key at a time, and what comes meanwhile is gathered', async () => {
    const { asked, failures, turn } = store();
    const first = [failures.change(['a', 'b'], 1), failures.change(['a'], 1)];
    await turn();
    expect(asked).toMatchObject([{ key: 'a', points: 2 }]);
    const second = ['a', 'a', 'c'].map((key) => failures.change([key], 1));
    const back = failures.change(['c'], -1);
    await turn();
    expect(asked).toHaveLength(1);
    asked[0]!.tell(12);
    await turn();
    expect(asked.slice(1)).toMatchObject([{ key: 'b', points: 1 }]);
    asked[1]!.tell(1);
    for (const totals of await Promise.all(first)) {
      expect([...totals!]).toEqual([
        ['a', 12],
        ['b', 1],
      ]);
    }
    await turn();
    expect(asked.slice(2)).toMatchObject([{ key: 'a', points: 2 }]);
    asked[2]!.tell(14);
    await turn();
    expect(asked.slice(3)).toMatchObject([{ key: 'c', points: 0 }]);
    asked[3]!.tell(0);
    expect((await second[0]!)!.get('a')).toBe(14);
    expect((await back)!.get('c')).toBe(0);
  });

  it('are not counted, and no answer waits, while the store fails or is late', async () => {
    const { asked, failures, turn } = store();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const failing = failures.change(['a', 'b'], 1);
    await turn();
    asked[0]!.reject(new Error('gone'));
    expect(await failing).toBeUndefined();
    const hanging = failures.change(['a'], 1);
    await turn();
    const waiting = failures.change(['b'], 1);
    vi.advanceTimersByTime(1000);
    expect(await hanging).toBeUndefined();
    // Overdue before it was its turn: the store is not asked for it.
    expect(await waiting).toBeUndefined();
    expect(asked.map(({ key }) => key)).toEqual(['a', 'a']);
    const counted = failures.change(['c'], 1);
    await turn();
    await turn();
    asked.at(-1)!.tell(1);
    expect((await counted)!.get('c')).toBe(1);
  });

  it('are no more than a thousand keys that wait', async () => {
    const { asked, failures, turn } = store();
    const first = failures.change(['first'], 1);
    await turn();
    for (let key = 0; key < 1000; key++) void failures.change([`key ${key}`], 1);
    expect(await failures.change(['one more'], 1)).toBeUndefined();
    asked[0]!.tell(1);
    expect((await first)!.get('first')).toBe(1);
  });
});
