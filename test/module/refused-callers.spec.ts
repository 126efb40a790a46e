import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DecisionObserver } from '../../src/index.js';
import type { RefusalEvent } from '../../src/index.js';
import { WAYS } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import { connectTo } from '../support/raw-http.js';
import { rawRequests } from '../support/raw-requests.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const SECRET_AS_ID = 'a-secret-where-the-id-belongs';

describe.each(WAYS)(
  'What an observer is told of a refused caller, by %s:',
  (_way, door, options) => {
    const worldWith = async () => {
      const refusals: RefusalEvent[] = [];
      const useValue: DecisionObserver = { refused: (event) => void refusals.push(event) };
      const world = await startWorld(door, {
        ...options,
        introspection: {
          limits: { failuresPerClient: 2 },
          providers: [{ provide: DecisionObserver, useValue }],
        },
      });
      onTestFinished(() => world.stop());
      return { ...world, refusals };
    };

    it.each<[string, (world: World) => Promise<string | undefined> | string | undefined, object]>([
      ['no credentials', () => undefined, { fault: 'no_credentials' }],
      ['a header that cannot be read', () => 'Basic !', { fault: 'unreadable_credentials' }],
      ['another scheme', () => 'Bearer x', { fault: 'unreadable_credentials' }],
      ['an unknown client', () => basic(SECRET_AS_ID, 'x'), { fault: 'unknown_client' }],
      [
        'a wrong secret',
        () => basic('rs', 'wr0ng'),
        { fault: 'wrong_secret', claimedClientId: 'rs' },
      ],
      [
        'a client that is disabled',
        ({ authorization }) => authorization('disabled'),
        { fault: 'client_disabled', claimedClientId: 'disabled' },
      ],
      [
        'a secret that was rotated',
        async ({ clients, authorization }) => {
          const before = authorization('rs');
          await clients.rotateSecret('rs');
          return before;
        },
        { fault: 'wrong_secret', claimedClientId: 'rs' },
      ],
      [
        'a secret that was rotated, and kept for a while',
        async ({ clients, authorization }) => {
          const before = authorization('rs');
          await clients.rotateSecret('rs', { keepOld: 10 });
          vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000 });
          onTestFinished(() => void vi.useRealTimers());
          return before;
        },
        { fault: 'secret_expired', claimedClientId: 'rs' },
      ],
      [
        'a wrong secret for one that was chosen',
        async ({ clients }) => {
          await clients.create({ clientId: 'chooser', secret: 'chosen' });
          return basic('chooser', 'wr0ng');
        },
        { fault: 'wrong_secret', claimedClientId: 'chooser' },
      ],
    ])('%s', async (_what, authorizationOf, told) => {
      const world = await worldWith();
      const authorization = await authorizationOf(world);
      const headers = authorization === undefined ? [] : ['Authorization', authorization];
      const { status } = await world.send({ headers: [...FORM, ...headers], body: 'token=t0ken' });
      expect(status).toBe(401);
      expect(world.refusals).toHaveLength(1);
      const { error, requestId, durationMs, ...rest } = world.refusals[0]!;
      expect([error.status, typeof requestId, durationMs > 0]).toEqual([401, 'string', true]);
      // Members that are absent, and those that say so, are alike.
      expect(JSON.parse(JSON.stringify(rest))).toEqual({ address: '127.0.0.1', ...told });
      const text = JSON.stringify(world.refusals) + String(error.cause);
      for (const hidden of [SECRET_AS_ID, 'wr0ng', 't0ken', world.secrets['rs']!]) {
        expect(text).not.toContain(hidden);
      }
    });

    it('one that is blocked', async () => {
      const world = await worldWith();
      const guess = (id: string) =>
        world.send({ headers: [...FORM, 'Authorization', basic(id, 'wr0ng')], body: 'token=x' });
      for (let turn = 0; turn < 3; turn++) await guess('rs');
      await world.send({
        headers: [...FORM, 'Authorization', basic('rs', 'x'.repeat(43))],
        body: 'token=x',
      });
      const told = world.refusals.map(({ fault, claimedClientId }) => [fault, claimedClientId]);
      expect(told).toEqual([
        ['wrong_secret', 'rs'],
        ['wrong_secret', 'rs'],
        // It was not looked up, or it was: what it claims is told where it is known.
        ['blocked', undefined],
        ['blocked', 'rs'],
      ]);
    });

    it('one that has gone before it was refused', async () => {
      const world = await worldWith();
      const socket = await connectTo(world.origin);
      socket.write(rawRequests(basic('nobody', 'x')).request('x'), () => socket.resetAndDestroy());
      await vi.waitUntil(() => world.refusals.length > 0, { timeout: 20_000 });
      expect(world.refusals[0]!.address).toBe('127.0.0.1');
    });

    it('a caller that is known has no fault', async () => {
      const world = await worldWith();
      await world.introspect('x', { hint: 'refresh_token' });
      const headers = [...FORM, 'Authorization', world.authorization('mute')];
      await world.send({ headers, body: 'token=x' });
      const told = world.refusals.map(({ fault, callerId, claimedClientId }) => {
        return { fault, callerId, claimedClientId };
      });
      expect(told).toEqual([
        { fault: undefined, callerId: 'rs', claimedClientId: undefined },
        { fault: undefined, callerId: 'mute', claimedClientId: undefined },
      ]);
    });
  },
);
