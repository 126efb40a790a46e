import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Departure } from '../../src/http/departure.js';

const timers: { leave: () => void; afterMs: number }[] = [];
vi.mock('node:timers', () => ({
  setTimeout: (leave: () => void, afterMs: number) => void timers.push({ leave, afterMs }),
}));

beforeEach(() => void (timers.length = 0));

describe('B4 The departure of a refusal', () => {
  it('is five milliseconds after the arrival', () => {
    Departure.after(1000.2);
    expect(timers.map(({ afterMs }) => afterMs)).toEqual([5]);
  });

  it('is waited for, and then waited for no more', () => {
    const departure = Departure.after(2000);
    const left: string[] = [];
    departure.wait(() => left.push('first'));
    departure.wait(() => left.push('second'));
    expect(left).toEqual([]);
    timers[0]!.leave();
    expect(left).toEqual(['first', 'second']);
    departure.wait(() => left.push('late'));
    expect(left).toEqual(['first', 'second', 'late']);
  });

  it('is shared by what arrives in one millisecond, and by nothing else', () => {
    const departures = [3000, 3000.9, 3001, 3000.5].map((arrival) => Departure.after(arrival));
    expect(departures[1]).toBe(departures[0]);
    expect(departures[2]).not.toBe(departures[0]);
    expect(departures[3]).not.toBe(departures[2]);
    expect(timers).toHaveLength(3);
  });
});
