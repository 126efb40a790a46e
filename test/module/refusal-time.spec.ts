import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WAYS } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import { sign } from '../support/jwt.js';
import {
  AUDIENCE,
  expectActive,
  expectError,
  expectInactive,
  expectUnauthenticated,
  startWorld,
} from '../support/world.js';
import type { World } from '../support/world.js';

/** The times at which requests may be refused. They come when the test lets them. */
const departures: (() => void)[] = [];
const { setTimeout } = timers;
beforeAll(() => setTimer((leave) => departures.push(leave)));
afterAll(() => setTimer(setTimeout));
beforeEach(() => void (departures.length = 0));

/** In Node itself, so that the compiled package has it, too. */
function setTimer(timer: (callback: () => void) => unknown): void {
  Object.assign(timers, { setTimeout: timer });
  syncBuiltinESMExports();
}

const leave = () => {
  for (const one of departures.splice(0)) one();
};

describe.each(WAYS)('The time of an answer, by %s', (_way, door, options) => {
  const worldWith = async () => {
    const limits = { failuresPerClient: 3 };
    const world = await startWorld(door, { ...options, introspection: { limits } });
    onTestFinished(() => world.stop());
    await world.clients.create({ clientId: 'chooser', secret: 'chosen' });
    return world;
  };

  /**
   * Sends it, sees that it is held for longer than answers to others take, and lets it go.
   * @returns what left then
   */
  const heldAnswer = async (world: World, authorization: string | undefined, token = 'unknown') => {
    const live = await world.issue();
    const state = { answered: false };
    const headers = authorization === undefined ? [] : ['Authorization', authorization];
    const answer = world
      .send({ headers: [...FORM, ...headers], body: `token=${token}` })
      .finally(() => (state.answered = true));
    for (let turn = 0; turn < 3; turn++) expectActive(await world.introspect(live));
    expect(state.answered).toBe(false);
    leave();
    return answer;
  };

  it.each<[string, (world: World) => string | undefined]>([
    ['an unknown client', () => basic('nobody', 'secret')],
    ['a wrong secret', () => basic('rs', 'wrong')],
    ['a wrong secret for a chosen one', () => basic('chooser', 'wrong')],
    ['a disabled client', (world) => world.authorization('disabled')],
    ['a header that cannot be read', () => 'Basic ?'],
    ['no header', () => undefined],
  ])('B4 does not tell %s from others that are refused', async (_what, authorizationOf) => {
    const world = await worldWith();
    expectUnauthenticated(await heldAnswer(world, authorizationOf(world)));
  });

  it.each<[string, string]>([
    ['unknown', 'nobody'],
    ['known', 'rs'],
    ['disabled', 'disabled'],
  ])('B4 does not tell a client that is blocked, and %s, from others', async (_what, id) => {
    const world = await worldWith();
    for (let turn = 0; turn < 3; turn++) {
      expectUnauthenticated(await heldAnswer(world, basic(id, 'wrong')));
    }
    for (const secret of ['short', 'long'.repeat(11)]) {
      const refused = await heldAnswer(world, basic(id, secret));
      expectError(refused, 429, 'temporarily_unavailable');
    }
  });

  it.each<[string, (world: World) => Promise<string> | string]>([
    ['an unknown one', () => 'unknown'],
    ['an expired one', (world) => world.issue({ exp: 1 })],
    ['one for others', (world) => world.issue({ aud: [`${AUDIENCE}/other`] })],
    ['a forged one', async (world) => `${await sign(world.key, world.claims())}x`],
    [
      'a revoked one',
      async (world) => {
        const token = await world.issue();
        await world.tokens.revoke(token);
        return token;
      },
    ],
  ])('S6, D22 does not tell %s from other inactive tokens', async (_what, make) => {
    const world = await worldWith();
    const token = await make(world);
    expectInactive(await heldAnswer(world, world.authorization('rs'), token));
  });
});
