import { afterEach, describe, expect, it, vi } from 'vitest';
import { InvalidTokenError, TooManyRequestsError } from '../../src/model/oauth-error.js';
import type { IntrospectionOptions } from '../../src/config/introspection.options.js';
import { startInProcess } from '../support/in-process.js';

const DELAY = 5000;
const caller = { clientId: 'api', audiences: [], anyAudience: true };

afterEach(() => void vi.useRealTimers());

/** What a caller asks about here: one live token, one expired, and any number of unknown ones. */
async function start(options: Partial<IntrospectionOptions> = {}) {
  const issuer = 'https://server.example.com/';
  const world = await startInProcess({ issuer, limits: { delay: DELAY }, ...options });
  world.register('app');
  world.issue('live', {});
  world.issue('expired', { exp: 1 });
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'performance'], now: 2_000_000_000_000 });
  const ask = (token: string, arrival?: number) =>
    world.service.introspect({ token }, caller, arrival === undefined ? {} : { arrival });
  /** The answer, or `held` while there is none. */
  const soon = async (answer: Promise<unknown>) => {
    await new Promise(setImmediate);
    return Promise.race([answer, Promise.resolve('held')]);
  };
  /** One question less than makes a scanner. */
  const scan = async () => {
    for (let n = 1; n < 100; n++) await ask(`unknown ${n}`).catch(() => undefined);
  };
  return { ...world, ask, soon, scan };
}

describe('A decision is told of', () => {
  it('with what it was, for whom, and how long it took since its arrival', async () => {
    const { ask, decided } = await start();
    const since = performance.now();
    vi.advanceTimersByTime(7);
    await ask('live', since);
    await ask('expired', since + 5);
    await ask('unknown');
    const told = { callerId: 'api', clientId: 'app', requestId: undefined };
    expect(decided).toEqual([
      { ...told, active: true, reason: undefined, durationMs: 7 },
      { ...told, active: false, reason: 'expired', durationMs: 2 },
      { ...told, active: false, reason: 'unrecognized', clientId: undefined, durationMs: 0 },
    ]);
  });

  it('S6 unless the answer is an error', async () => {
    const { ask, decided } = await start({ unrecognizedTokens: 'error' });
    await expect(ask('unknown')).rejects.toThrow(InvalidTokenError);
    expect(decided).toEqual([]);
    await ask('expired');
    expect(decided).toMatchObject([{ reason: 'expired' }]);
  });
});

describe('A caller that scans', () => {
  it('waits for every inactive answer, and for no other', async () => {
    const { ask, soon, scan, decided } = await start();
    await scan();
    for (const token of ['unknown', 'expired']) {
      const answer = ask(token);
      expect(await soon(answer)).toBe('held');
      // It is decided, and told of, before it is held.
      expect(decided.at(-1)).toMatchObject({ active: false, durationMs: 0 });
      vi.advanceTimersByTime(DELAY - 1);
      expect(await soon(answer)).toBe('held');
      vi.advanceTimersByTime(1);
      expect(await soon(answer)).toEqual({ active: false });
    }
    expect(await soon(ask('live'))).toMatchObject({ active: true });
  });

  it('S6 waits for errors too', async () => {
    const { ask, soon, scan } = await start({ unrecognizedTokens: 'error' });
    await scan();
    const answer = ask('unknown').catch((error: unknown) => error);
    expect(await soon(answer)).toBe('held');
    vi.advanceTimersByTime(DELAY);
    expect(await soon(answer)).toBeInstanceOf(InvalidTokenError);
  });

  it('is refused when too many of its answers are held', async () => {
    const { ask, scan } = await start();
    await scan();
    const held = Array.from({ length: 256 }, () => ask('unknown'));
    await expect(ask('unknown')).rejects.toThrow(TooManyRequestsError);
    vi.advanceTimersByTime(DELAY);
    expect(new Set(await Promise.all(held))).toEqual(new Set([{ active: false }]));
  });

  it('is none for asking about any number of tokens that are inactive and known', async () => {
    const { ask, soon } = await start();
    for (let n = 0; n < 100; n++) await ask('expired');
    expect(await soon(ask('expired'))).toEqual({ active: false });
  });
});
