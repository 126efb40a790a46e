import { describe, expect, it } from 'vitest';
import { TypeOrmClientRepository } from '../../src/clients/typeorm-client.repository.js';
import { BatchedReader } from '../../src/persistence/batched-reader.js';
import { plansOf } from '../../src/persistence/plans.js';
import { startInProcess } from '../support/in-process.js';
import { sign, signingKey } from '../support/jwt.js';

const ISSUER = 'https://server.example.com/';
const caller = { clientId: 'api', audiences: [], anyAudience: true };
const names = (world: Awaited<ReturnType<typeof startInProcess>>) =>
  world.rows.statements.map(({ name }) => name);

describe('Stored rows', () => {
  it('of an opaque token tell all that is stored, and its client', async () => {
    const world = await startInProcess({ issuer: ISSUER }, 'rows');
    world.register('app');
    const members = {
      username: 'jdoe',
      scope: 'read',
      sub: 'subject',
      aud: ['a'],
      iss: 'https://other.example',
      exp: 9_000_000_000,
      iat: 1,
      nbf: 2,
      jti: 'id',
      cnf: { jkt: 'thumbprint' },
    };
    const extensions = { extension_field: 'twenty-seven' };
    world.issue('token', { ...members, extensions, extendedClaims: { a: 1 } });
    expect(await world.service.introspect({ token: 'token' }, caller)).toStrictEqual({
      active: true,
      client_id: 'app',
      ...members,
      token_type: 'DPoP',
      ...extensions,
      extended_claims: { a: 1 },
    });
    world.issue('least', {});
    expect(await world.service.introspect({ token: 'least' }, caller)).toStrictEqual({
      active: true,
      client_id: 'app',
      iss: ISSUER,
      token_type: 'Bearer',
      extended_claims: {},
    });
    expect(names(world)).toEqual(['opaque_token', 'opaque_token']);
    expect(await world.strategies.opaque.find('least')).toMatchObject({ clientState: 'enabled' });
  });

  it('of a JSON Web Token and its client are one statement', async () => {
    const key = await signingKey('ES256');
    const world = await startInProcess({ issuer: ISSUER, jwks: { keys: [key.public] } }, 'rows');
    world.register('app');
    const token = await sign(key, { iss: ISSUER, client_id: 'app' });
    for (let time = 0; time < 2; time++) {
      expect(
        await world.service.introspect({ token, token_type_hint: 'pct' }, caller),
      ).toMatchObject({ active: true });
    }
    expect(names(world)).toEqual(['client+revoked_jwt', 'client+revoked_jwt']);
    const nameless = await sign(key, { iss: ISSUER, client_id: 'a\0b' });
    const request = { token: nameless, token_type_hint: 'pct' };
    expect(await world.service.introspect(request, caller)).toEqual({ active: false });
    expect(names(world)[2]).toBe('revoked_jwt');
  });

  it('of a client tell all that is stored', async () => {
    const world = await startInProcess({ issuer: ISSUER }, 'rows');
    const secrets = [{ hash: 'one', expiresAt: 7 }, { hash: 'two' }];
    world.register('full', { name: 'Full', audiences: ['a'], anyAudience: true, secrets });
    world.register('bare', { mayIntrospect: false, enabled: false });
    expect(await world.ports.clients.find('full')).toEqual({
      clientId: 'full',
      name: 'Full',
      enabled: true,
      mayIntrospect: true,
      audiences: ['a'],
      anyAudience: true,
      secrets,
    });
    expect(await world.ports.clients.find('bare')).toEqual({
      clientId: 'bare',
      name: undefined,
      enabled: false,
      mayIntrospect: false,
      audiences: [],
      anyAudience: false,
      secrets: [],
    });
    expect(await world.ports.clients.find('nobody')).toBeUndefined();
    expect(await world.ports.clients.find('a\0b')).toBeUndefined();
  });
});

describe('A repository is asked in a batch', () => {
  const reader = new BatchedReader(() => {}, 1);
  const ours = new TypeOrmClientRepository(undefined as never, reader);

  it('when it is ours as it is', () => {
    expect(plansOf(ours, 'find', reader)).toBeTypeOf('function');
    class Renamed extends TypeOrmClientRepository {}
    expect(plansOf(new Renamed(undefined as never, reader), 'find', reader)).toBeDefined();
  });

  it.each<[string, object]>([
    ['a host’s own', { find: async () => undefined }],
    [
      'ours on another reader',
      new TypeOrmClientRepository(undefined as never, new BatchedReader(() => {}, 1)),
    ],
    [
      'a subclass',
      new (class extends TypeOrmClientRepository {
        override find() {
          return Promise.resolve(undefined);
        }
      })(undefined as never, reader),
    ],
    [
      'a proxy',
      new Proxy(ours, { get: (of, name) => (name === 'find' ? () => {} : Reflect.get(of, name)) }),
    ],
    [
      'one with a method put on it',
      Object.assign(Object.create(ours) as object, { find: () => {} }),
    ],
  ])('and not when it is %s', (_what, repository) => {
    expect(plansOf(repository, 'find', reader)).toBeUndefined();
  });
});
