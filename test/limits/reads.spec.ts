import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BatchedReader } from '../../src/persistence/batched-reader.js';
import { WAYS } from '../support/host.js';
import { FORM, basic, basicRaw } from '../support/http.js';
import { expectActive, startWorld } from '../support/world.js';

const generated = () => randomBytes(32).toString('base64url');

describe.each(WAYS)('What is read of the database, by %s,', (_way, door, options) => {
  const worldWith = async () => {
    const limits = { failuresPerClient: 2, failuresPerAddress: 4 };
    const world = await startWorld(door, { ...options, introspection: { limits } });
    onTestFinished(() => world.stop());
    await world.clients.create({ clientId: 'chooser', secret: 'has-worked' });
    await world.clients.create({ clientId: 'new', secret: 'is-new' });
    const live = await world.issue({ aud: [] });
    const queries: number[] = [];
    world.app.get(BatchedReader, { strict: false }).onQuery = (keys) => void queries.push(keys);
    const ask = (authorization?: string) => {
      const headers = [
        ...FORM,
        ...(authorization === undefined ? [] : ['Authorization', authorization]),
      ];
      return world.send({ headers, body: `token=${live}` });
    };
    return {
      ...world,
      ask,
      /** @returns the status, and how many keys each query had */
      reads: async (authorization?: string) => {
        queries.length = 0;
        const { status } = await ask(authorization);
        return [status, ...queries];
      },
      block: async (ids: readonly string[]) => {
        for (const id of ids) expect((await ask(basic(id, 'wrong'))).status).toBe(401);
      },
    };
  };

  it('B21 is the client and the token for credentials that can be read, and nothing for others', async () => {
    const world = await worldWith();
    expect(await world.reads(world.authorization('rs'))).toEqual([200, 2]);
    expect(await world.reads(basic('nobody', 'x'))).toEqual([401, 2]);
    expect(await world.reads()).toEqual([401]);
    for (const unreadable of ['x', 'Bearer x', 'Basic !!']) {
      expect(await world.reads(unreadable)).toEqual([401]);
    }
    // Now the address is blocked.
    expect(await world.reads('x')).toEqual([429]);
  });

  it('B21 is nothing for a client that is blocked there', async () => {
    const world = await worldWith();
    expectActive(await world.ask(basic('chooser', 'has-worked')));
    await world.block(['chooser', 'chooser']);
    for (const secret of ['wrong', 'has-worked', 'p@ss+word%', 'x'.repeat(31)]) {
      expect(await world.reads(basic('chooser', secret))).toEqual([429]);
    }
    expect(await world.reads(basicRaw('chooser:a+b'))).toEqual([429]);
    expect(await world.reads(world.authorization('rs'))).toEqual([200, 2]);
  });

  it('B21 is the client alone for what may be a generated secret, and the token when it is one', async () => {
    const world = await worldWith();
    await world.block(['rs', 'rs']);
    expect(await world.reads(basic('rs', generated()))).toEqual([429, 1]);
    expect(await world.reads(world.authorization('rs'))).toEqual([200, 1, 1]);
  });

  it('B21 is the client alone for what has worked before, where the address is blocked', async () => {
    const world = await worldWith();
    expectActive(await world.ask(basic('chooser', 'has-worked')));
    await world.block(['a', 'b', 'c', 'd']);
    expect(await world.reads(basic('chooser', 'has-worked'))).toEqual([200, 1, 1]);
    expect(await world.reads(basic('chooser', 'wrong'))).toEqual([429]);
    expect(await world.reads(basic('new', 'is-new'))).toEqual([429]);
    expect(await world.reads('x')).toEqual([429]);
    await world.clients.setEnabled('chooser', false);
    expect(await world.reads(basic('chooser', 'has-worked'))).toEqual([429, 1]);
  });
});
