import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateForTest } from '../support/certificate.js';
import { DOORS } from '../support/host.js';
import { LAST, exchange } from '../support/raw-http.js';
import { rawRequests } from '../support/raw-requests.js';
import { SMUGGLING } from '../support/smuggling.js';
import type { Target } from '../support/smuggling.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

/** Each door, and the server's over TLS. */
const WAYS = [...DOORS, 'tls'] as const;

describe.each(WAYS)('A22 no hidden request is answered, on %s', (way) => {
  let world: World;
  let target: Target;
  beforeAll(async () => {
    world = await (way === 'tls'
      ? startWorld('node', { certificate: await certificateForTest() })
      : startWorld(way));
    target = { ...rawRequests(world.authorization('rs')), live: await world.issue() };
  });
  afterAll(() => world.stop());

  it('A1 a request that is not hidden is', async () => {
    const bytes = target.request(target.live) + LAST;
    const { statuses, bodies } = await exchange(world.origin, bytes, { patience: 20_000 });
    expect(statuses).toEqual([200, 404]);
    expect(bodies[0]).toContain('"active":true');
  });

  it.each(SMUGGLING)('A22 %s', async (_what, bytes, statuses) => {
    const one = await exchange(world.origin, bytes(target) + LAST, { patience: 20_000 });
    expect(one).toMatchObject({ statuses, endedBy: 'server' });
    expect(one.bodies.join('')).not.toContain('"active":true');
  });
});
