import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LimitsOptions } from '../../src/index.js';
import { ADAPTERS } from '../support/host.js';
import type { Answer } from '../support/http.js';
import { base64url, sign } from '../support/jwt.js';
import { observed } from '../support/observed.js';
import { expectActive, expectError, expectInactive, startWorld } from '../support/world.js';

const DELAY = 5000;

describe.each(ADAPTERS)('Scanning, on %s', (adapter) => {
  afterEach(() => void vi.useRealTimers());

  const worldWith = async (
    limits: LimitsOptions | false,
    unrecognizedTokens: 'inactive' | 'error' = 'inactive',
  ) => {
    const { providers, abuses, decisions } = observed();
    const introspection = { limits, unrecognizedTokens, providers };
    const world = await startWorld(adapter, { introspection });
    onTestFinished(() => world.stop());
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    let asked = 0;
    const unknown = (as: string) => world.introspect(`unknown-${++asked}`, { as });
    return {
      ...world,
      abuses,
      decisions,
      live: await world.issue(),
      unknown,
      /** So many questions for unknown tokens, one after the other. */
      scan: async (as: string, count: number) => {
        for (let turn = 0; turn < count; turn++) expectInactive(await unknown(as));
      },
      /** Asks, and waits until the decision is made. */
      asking: async (token: string, as: string) => {
        const made = decisions.length;
        const state = { answered: false };
        const answer = world.introspect(token, { as }).finally(() => (state.answered = true));
        while (decisions.length === made) await new Promise(setImmediate);
        return { state, answer };
      },
    };
  };

  type ScannedWorld = Awaited<ReturnType<typeof worldWith>>;

  it('slows the inactive answers of a scanner, and nothing of anybody else', async () => {
    const world = await worldWith({ delay: DELAY });
    const revoked = await world.issue();
    await world.tokens.revoke(revoked);
    for (let turn = 0; turn < 99; turn++) {
      expectInactive(await world.unknown('auditor'));
      expectActive(await world.introspect(world.live));
      // Half of the tokens unknown, and any number inactive for another cause: no scanner.
      if (turn % 2 === 0) expectInactive(await world.unknown('rs'));
      expectInactive(await world.introspect(revoked));
    }
    expect(world.abuses).toEqual([]);

    const held = [
      await world.asking('one-more', 'auditor'),
      await world.asking(revoked, 'auditor'),
    ];
    expect(world.abuses).toEqual([
      { kind: 'scanning', callerId: 'auditor', asked: 100, unknownTokens: 100 },
    ]);
    expectActive(await world.introspect(world.live));
    expectInactive(await world.unknown('rs'));
    expectInactive(await world.introspect(revoked));
    expectActive(await world.introspect(world.live, { as: 'auditor' }));
    expect(held.map(({ state }) => state.answered)).toEqual([false, false]);

    vi.advanceTimersByTime(DELAY);
    for (const { answer } of held) expectInactive(await answer);
  });

  describe('D22 tells nothing of a token that the caller may not see:', () => {
    /** What each of these leaves behind must be what an unknown token leaves behind. */
    const concealed: [string, (world: ScannedWorld) => Promise<string>][] = [
      ['an unknown one', async () => 'unknown'],
      ['one for others', ({ issue }) => issue({ aud: ['https://elsewhere.example'] })],
      [
        'an expired one for others',
        ({ issue }) => issue({ aud: ['https://elsewhere.example'], exp: 1 }),
      ],
      [
        'a revoked one for others',
        async ({ issue, tokens }) => {
          const token = await issue({ aud: ['https://elsewhere.example'] });
          await tokens.revoke(token);
          return token;
        },
      ],
      [
        'a JSON Web Token for others',
        ({ key, claims }) => sign(key, claims({ aud: 'https://elsewhere.example' })),
      ],
      [
        'a revoked JSON Web Token for others',
        async ({ key, claims, revoke }) => {
          const token = await sign(key, claims({ aud: 'https://elsewhere.example', jti: 'gone' }));
          await revoke(token);
          return token;
        },
      ],
      ['a forged JSON Web Token', async ({ key, claims }) => `${await sign(key, claims())}x`],
      [
        'junk that is not signed',
        async ({ claims }) =>
          `${base64url('{"alg":"none"}')}.${base64url(JSON.stringify(claims()))}.`,
      ],
    ];

    it.each(concealed)(
      'the answer about %s that crosses the threshold is held',
      async (_, make) => {
        const world = await worldWith({ delay: DELAY });
        const token = await make(world);
        await world.scan('rs', 99);
        const { state, answer } = await world.asking(token, 'rs');
        expectActive(await world.introspect(world.live));
        expect(state.answered).toBe(false);
        expect(world.abuses).toHaveLength(1);
        vi.advanceTimersByTime(DELAY);
        expectInactive(await answer);
      },
    );

    it.each(concealed)('asking for %s again and again is scanning', async (_, make) => {
      const world = await worldWith({ delay: 0 });
      const token = await make(world);
      for (let turn = 0; turn < 99; turn++) expectInactive(await world.introspect(token));
      expect(world.abuses).toEqual([]);
      expectInactive(await world.introspect(token));
      expect(world.abuses).toEqual([
        { kind: 'scanning', callerId: 'rs', asked: 100, unknownTokens: 100 },
      ]);
    });

    it('an answer about a token of the caller’s own is held there, and counts as no scan', async () => {
      const world = await worldWith({ delay: DELAY });
      const expired = await world.issue({ exp: 1 });
      for (let turn = 0; turn < 50; turn++) {
        expectInactive(await world.unknown('rs'));
        if (turn < 49) expectInactive(await world.introspect(expired));
      }
      const { state, answer } = await world.asking(expired, 'rs');
      expectActive(await world.introspect(world.live, { as: 'auditor' }));
      expect(state.answered).toBe(false);
      vi.advanceTimersByTime(DELAY);
      expectInactive(await answer);
      expect(world.abuses).toEqual([]);
      expectActive(await world.introspect(world.live));
      expectInactive(await world.introspect(expired));
    });
  });

  it('reports it once in a window, without the tokens, and goes on while it goes on', async () => {
    const world = await worldWith({ delay: 0 });
    await world.scan('rs', 99);
    expect(world.abuses).toHaveLength(0);
    await world.scan('rs', 31);
    expect(world.abuses).toHaveLength(1);
    vi.setSystemTime(Date.now() + 60_000);
    await world.scan('rs', 130);
    expect(world.abuses).toHaveLength(2);
    expect(JSON.stringify(world.abuses)).not.toContain('unknown-');
  });

  it('a scanner is slow until it has been none for a window', async () => {
    const world = await worldWith({ delay: DELAY });
    await world.scan('rs', 99);
    const expectSlow = async () => {
      const { state, answer } = await world.asking('unknown', 'rs');
      expectActive(await world.introspect(world.live, { as: 'auditor' }));
      expect(state.answered).toBe(false);
      vi.advanceTimersByTime(DELAY);
      expectInactive(await answer);
    };
    await expectSlow();
    vi.setSystemTime(Date.now() + 60_000);
    await expectSlow();
    vi.setSystemTime(Date.now() + 60_000);
    await expectSlow();
    for (let turn = 0; turn < 3; turn++) expectActive(await world.introspect(world.live));
    vi.setSystemTime(Date.now() + 60_000);
    await world.scan('rs', 3);
  });

  it('holds no more than so many answers back', async () => {
    const world = await worldWith({ delay: DELAY });
    await world.scan('rs', 99);
    const made = world.decisions.length;
    const answers = Array.from({ length: 257 }, () => world.unknown('rs'));
    // The clock stands still, so nothing is answered but what is refused.
    const refused = await Promise.race(answers);
    expectError(refused, 429, 'temporarily_unavailable');
    expect(refused.headers['retry-after']).toBe('5');
    expectActive(await world.introspect(world.live));
    while (world.decisions.length < made + 257) await new Promise(setImmediate);
    vi.advanceTimersByTime(DELAY);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(256);
  });

  it('S6 slows the errors that stand for unknown tokens too', async () => {
    const world = await worldWith({ delay: DELAY }, 'error');
    const expectUnknown = (answer: Answer) => expectError(answer, 400, 'invalid_token');
    for (let turn = 0; turn < 99; turn++) expectUnknown(await world.unknown('rs'));
    let answered = false;
    const answer = world.unknown('rs').finally(() => (answered = true));
    while (world.abuses.length === 0) await new Promise(setImmediate);
    expectActive(await world.introspect(world.live, { as: 'auditor' }));
    expect(answered).toBe(false);
    vi.advanceTimersByTime(DELAY);
    expectUnknown(await answer);
  });

  it.each([
    ['its share is not abnormal', { unknownTokens: 1 }],
    ['limits are off', false as const],
  ])('is not slowed where %s', async (_, limits) => {
    const world = await worldWith(limits);
    await world.scan('rs', 110);
    expect(world.abuses).toEqual([]);
  });
});
