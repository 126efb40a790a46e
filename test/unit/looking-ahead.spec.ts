import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startInProcess } from '../support/in-process.js';
import { base64url, sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';

const ISSUER = 'https://server.example.com/';
const caller = { clientId: 'api', audiences: [], anyAudience: true };

let key: SigningKey;
beforeAll(async () => {
  key = await signingKey('ES256');
});

let world: Awaited<ReturnType<typeof startInProcess>>;
let storage: ReturnType<typeof watched>;
beforeEach(async () => {
  world = await startInProcess({ issuer: ISSUER, jwks: { keys: [key.public] } });
  world.register('app');
  storage = watched(world.ports);
});
const jwt = (client_id?: string) => sign(key, { iss: ISSUER, client_id });
const asking = (token: string, token_type_hint = 'pct') => ({ token, token_type_hint });

describe('While the caller is looked up', () => {
  it.each(['pct', 'access_token'])(
    'the row of an opaque token under the hint %s is read, once',
    async (hint) => {
      const request = asking(world.issue('opaque', {}), hint);
      const finish = world.service.begin(request);
      expect(reads()).toEqual({ tokens: 1, revocations: 0, clients: 0 });
      const answer = await finish(caller);
      expect(answer).toMatchObject({ active: true });
      expect(reads()).toEqual({ tokens: 1, revocations: 0, clients: 1 });
    },
  );

  it('revocation and client of a JSON Web Token are read, once, whether it was verified before or not', async () => {
    const request = asking(await jwt('app'));
    for (const times of [1, 2]) {
      const finish = world.service.begin(request);
      expect(reads()).toEqual({ tokens: 0, revocations: times, clients: times });
      const answer = await finish(caller);
      expect(answer).toMatchObject({ active: true });
      expect(reads()).toEqual({ tokens: 0, revocations: times, clients: times });
    }
  });

  it('D7 what is read of a JSON Web Token proves nothing of it', async () => {
    const [header, , signature] = (await jwt('app')).split('.');
    const claims = base64url(JSON.stringify({ iss: ISSUER, client_id: 'app', sub: 'forged' }));
    const request = asking(`${header}.${claims}.${signature}`);
    const finish = world.service.begin(request);
    expect(reads()).toEqual({ tokens: 0, revocations: 1, clients: 1 });
    expect(await finish(caller)).toEqual({ active: false });
  });

  it('D20 no client is read for a token that names none', async () => {
    const answer = await world.service.introspect(asking(await jwt()), caller);
    expect(answer).toEqual({ active: false });
    expect(reads()).toEqual({ tokens: 0, revocations: 1, clients: 0 });
  });

  it('E6 a read that fails is heard of by who waits for it, and by nobody else', async () => {
    const known = asking(await jwt('app'));
    await world.service.introspect(known, caller);
    storage.tokens.mockRejectedValue(new Error('down'));
    storage.revocations.mockRejectedValue(new Error('down'));
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    for (const request of [known, asking('opaque')]) {
      world.service.begin(request);
      const finish = world.service.begin(request);
      // A turn of the event loop, after which Node tells of what nobody has heard.
      await new Promise(setImmediate);
      await expect(finish(caller)).rejects.toMatchObject({ status: 503 });
    }
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

function watched({ tokens, revocations, clients }: typeof world.ports) {
  return {
    tokens: vi.spyOn(tokens, 'findByDigest'),
    revocations: vi.spyOn(revocations, 'isRevoked'),
    clients: vi.spyOn(clients, 'find'),
  };
}

/** How often each port was asked. */
function reads() {
  const { tokens, revocations, clients } = storage;
  return {
    tokens: tokens.mock.calls.length,
    revocations: revocations.mock.calls.length,
    clients: clients.mock.calls.length,
  };
}
