import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTERS } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import { sign } from '../support/jwt.js';
import { AUDIENCE, expectInactive, expectUnauthenticated, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

/**
 * Five milliseconds, by a clock of whole ones that may have been read two before. It is a bound from
 * below, for which no machine is too slow.
 */
const LEAST = 3;

describe.each(ADAPTERS)('The time of an answer, on %s', (adapter) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(adapter, { introspection: { limits: false } });
  });
  afterAll(() => world.stop());

  /** The quickest of several, in milliseconds. */
  const quickest = async (ask: () => Promise<unknown>) => {
    const times: number[] = [];
    for (let turn = 0; turn < 40; turn++) {
      const since = performance.now();
      await ask();
      times.push(performance.now() - since);
    }
    return Math.min(...times);
  };

  it.each<[string, () => string]>([
    ['an unknown client', () => basic('nobody', 'secret')],
    ['a wrong secret', () => basic('rs', 'wrong')],
    ['a disabled client', () => world.authorization('disabled')],
    ['a header that cannot be read', () => 'Basic ?'],
  ])('B4 does not tell %s from others that are refused', async (_what, authorization) => {
    const headers = [...FORM, 'Authorization', authorization()];
    const ask = async () => expectUnauthenticated(await world.send({ headers, body: 'token=x' }));
    expect(await quickest(ask)).toBeGreaterThan(LEAST);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['an unknown one', () => 'unknown'],
    ['an expired one', () => world.issue({ exp: 1 })],
    ['one for others', () => world.issue({ aud: [`${AUDIENCE}/other`] })],
    ['a forged one', async () => `${await sign(world.key, world.claims())}x`],
    [
      'a revoked one',
      async () => {
        const token = await world.issue();
        await world.tokens.revoke(token);
        return token;
      },
    ],
  ])('S6 does not tell %s from other inactive tokens', async (_what, make) => {
    const token = await make();
    const ask = async () => expectInactive(await world.introspect(token));
    expect(await quickest(ask)).toBeGreaterThan(LEAST);
  });
});
