import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Departure as DepartureClass } from '../../src/http/departure.js';

const timers: { leave: () => void; afterMs: number }[] = [];
let Departure: typeof DepartureClass;

beforeEach(async () => {
  timers.length = 0;
  // Loaded anew, for others may have loaded it with the real timers.
  vi.resetModules();
  vi.doMock('node:timers', () => ({
    setTimeout: (leave: () => void, afterMs: number) => void timers.push({ leave, afterMs }),
  }));
  onTestFinished(() => {
    vi.doUnmock('node:timers');
    vi.resetModules();
  });
  ({ Departure } = await import('../../src/http/departure.js'));
});

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
