import { afterEach, expect, it, vi } from 'vitest';
import { LineBudget } from '../../app/server/line-budget.js';

afterEach(() => void vi.useRealTimers());

it('A log has so many lines of a kind in a second, and says how many were left out', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const budget = new LineBudget(2);
  const take = () => budget.take()?.leftOut;
  expect([take(), take(), take(), take()]).toEqual([0, 0, undefined, undefined]);
  vi.advanceTimersByTime(1000);
  expect([take(), take(), take()]).toEqual([2, 0, undefined]);
  vi.advanceTimersByTime(5000);
  expect([take(), take()]).toEqual([1, 0]);
});
