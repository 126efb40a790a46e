import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule, getDataSourceToken, getRepositoryToken } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Repository } from 'typeorm';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ClientEntity,
  ClientRepository,
  IntrospectionModule,
  IntrospectionService,
} from '../../src/index.js';
import type { IntrospectionModuleOptions } from '../../src/index.js';
import { IntrospectionTesting, basicAuthorization } from '../../src/testing/index.js';
import { ADAPTERS, ISSUER } from '../support/host.js';
import type { Adapter } from '../support/host.js';
import { FORM } from '../support/http.js';
import { sign } from '../support/jwt.js';
import {
  AUDIENCE,
  expectActive,
  expectError,
  expectInactive,
  expectUnauthenticated,
  inAnHour,
  startWorld,
} from '../support/world.js';

const TRUSTED = 'https://partner.example';
/** It cannot be fetched: the name is reserved (RFC 2606). */
const UNREACHABLE = { url: 'https://keys.invalid/jwks.json' };

/** The people of every test's world, in memory. */
async function worldInMemory(
  introspection: Partial<IntrospectionModuleOptions> = {},
  adapter: Adapter = 'fastify',
  testing = new IntrospectionTesting(),
) {
  const world = await startWorld(adapter, { testing, introspection });
  onTestFinished(() => world.stop());
  return { ...world, testing };
}

describe.each(ADAPTERS)('In memory, on %s', (adapter) => {
  it('every change is seen by the next request', async () => {
    const world = await worldInMemory({}, adapter);
    const token = await world.issue({ scope: 'a b', extensions: { acr: '1' } });
    expect(expectActive(await world.introspect(token))).toMatchObject({ scope: 'a b', acr: '1' });
    expectInactive(await world.introspect(token, { as: 'outsider' }));
    await world.clients.setEnabled('app', false);
    expectInactive(await world.introspect(token));
    await world.clients.setEnabled('app', true);
    expectActive(await world.introspect(token));
    await world.clients.rotateSecret('rs');
    expectUnauthenticated(await world.introspect(token));
    expect(await world.revoke(token)).toBe('opaque');
    expectInactive(await world.introspect(token, { as: 'auditor' }));
  });

  it('JWTs of the application’s own keys, and of the test’s, are active until they are revoked', async () => {
    const world = await worldInMemory({}, adapter);
    const claims = world.claims({ jti: 'own' });
    const ours = { ...world.claims({ jti: undefined }), iss: ISSUER };
    for (const jwt of [await sign(world.key, claims), await world.testing.signJwt(ours)]) {
      expectActive(await world.introspect(jwt, { hint: 'pct' }));
      expect(await world.revoke(jwt)).toBe('jwt');
      expectInactive(await world.introspect(jwt));
    }
  });

  it('everything is forgotten at once', async () => {
    const world = await worldInMemory({}, adapter);
    const token = await world.issue();
    world.testing.clear();
    expectUnauthenticated(await world.introspect(token));
    expect(await world.testing.clients.list()).toEqual([]);
    const again = { clientId: 'rs', audiences: [AUDIENCE] };
    const authorization = basicAuthorization(await world.testing.clients.create(again));
    expectInactive(
      await world.send({
        headers: [...FORM, 'Authorization', authorization],
        body: `token=${token}`,
      }),
    );
  });
});

describe('A JWT of the test', () => {
  it.each<
    [what: string, iss: string, options: Partial<IntrospectionModuleOptions>, active: boolean]
  >([
    ['of our issuer, whose keys cannot be fetched', ISSUER, { jwks: UNREACHABLE }, true],
    ['of an alias', 'https://old.example', { issuerAliases: ['https://old.example'] }, true],
    [
      'of an issuer that is trusted',
      TRUSTED,
      { trustedIssuers: [{ issuer: TRUSTED, jwks: UNREACHABLE }] },
      true,
    ],
    ['of an issuer that is not', TRUSTED, {}, false],
    ['of our issuer without keys', ISSUER, { jwks: undefined as never }, false],
  ])('%s', async (_what, iss, options, active) => {
    const world = await worldInMemory(options);
    const jwt = await world.testing.signJwt({ iss, client_id: 'app', aud: AUDIENCE });
    const answer = await world.introspect(jwt);
    if (active) expectActive(answer);
    else expectInactive(answer);
  });

  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'] as const)('signed with %s', async (algorithm) => {
    const testing = new IntrospectionTesting({ algorithm });
    const world = await worldInMemory(
      { algorithms: [algorithm], jwtTypes: 'at+jwt' },
      'fastify',
      testing,
    );
    const claims = { iss: ISSUER, client_id: 'app', aud: AUDIENCE };
    expectActive(await world.introspect(await testing.signJwt(claims)));
    const stranger = new IntrospectionTesting({ algorithm });
    expectInactive(await world.introspect(await stranger.signJwt(claims)));
  });

  it('has claims that can be changed and left out', async () => {
    const world = await worldInMemory();
    const claims = { iss: ISSUER, client_id: 'app', aud: AUDIENCE };
    const answer = expectActive(await world.introspect(await world.testing.signJwt(claims)));
    expect(answer).toMatchObject({ jti: expect.any(String), exp: expect.any(Number) });
    expectInactive(await world.introspect(await world.testing.signJwt({ ...claims, exp: 1 })));
    const forEver = await world.testing.signJwt({ ...claims, exp: undefined as never });
    expect(expectActive(await world.introspect(forEver))).not.toHaveProperty('exp');
  });

  it('is verified by an application that has its public keys as the option jwks', async () => {
    const testing = new IntrospectionTesting();
    expect(testing.jwks.keys).toEqual([expect.not.objectContaining({ d: expect.anything() })]);
    const world = await worldInMemory({ jwks: testing.jwks });
    const jwt = await testing.signJwt({ iss: ISSUER, client_id: 'app', aud: AUDIENCE });
    expectActive(await world.introspect(jwt));
  });
});

describe('In the place of Postgres', () => {
  it('failed authentications are counted in memory', async () => {
    const world = await worldInMemory({ limits: { store: 'postgres', failuresPerClient: 2 } });
    const ask = (authorization: string) =>
      world.send({ headers: [...FORM, 'Authorization', authorization], body: 'token=t' });
    const wrong = basicAuthorization({ clientId: 'rs', clientSecret: 'short' });
    for (let times = 0; times < 2; times++) expectUnauthenticated(await ask(wrong));
    expectError(await ask(wrong), 429, 'temporarily_unavailable');
    expectInactive(await ask(world.authorization('rs')));
  });

  it('a data source never connects, and nothing is said of that at start', async () => {
    const url = 'postgres://nobody@database.invalid/none';
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, retryAttempts: 0 }),
        TypeOrmModule.forFeature([ClientEntity]),
        IntrospectionModule.forRoot({ issuer: ISSUER }),
      ],
    })
    class AppModule {}
    const said: unknown[] = [];
    const say = (...words: unknown[]) => void said.push(words);
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const module = await new IntrospectionTesting()
      .override(builder)
      .setLogger({ log: () => {}, warn: say, error: say, fatal: say })
      .compile();
    await module.init();
    onTestFinished(() => module.close());
    expect(said).toEqual([]);
    const dataSource = module.get(DataSource);
    const repository = module.get<Repository<ClientEntity>>(getRepositoryToken(ClientEntity));
    for (const use of [
      () => dataSource.initialize(),
      () => dataSource.query('SELECT 1'),
      () => dataSource.transaction(async () => {}),
      () => dataSource.manager.insert(ClientEntity, { clientId: 'a' }),
      () => repository.find(),
      () => repository.createQueryBuilder().getMany(),
    ]) {
      await expect(async () => use()).rejects.toThrow('a data source that never connects');
    }
  });

  it('the data source of the module alone is replaced where it is named', async () => {
    const name = getDataSourceToken('introspection');
    const hosts = new DataSource({ type: 'postgres' });
    const url = 'postgres://nobody@database.invalid/none';
    @Module({
      imports: [
        {
          module: class HostData {},
          global: true,
          providers: [{ provide: DataSource, useValue: hosts }],
          exports: [DataSource],
        },
        TypeOrmModule.forRoot({ type: 'postgres', name: 'introspection', url, retryAttempts: 0 }),
        IntrospectionModule.forRoot({ issuer: ISSUER, dataSource: name }),
      ],
    })
    class AppModule {}
    const testing = new IntrospectionTesting();
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const module = await testing.override(builder, { dataSources: [name] }).compile();
    await module.init();
    onTestFinished(() => module.close());
    expect(module.get(DataSource)).toBe(hosts);
    await testing.clients.create({ clientId: 'app' });
    const token = await testing.tokens.issue({ clientId: 'app', exp: inAnHour() });
    const caller = { clientId: 'app', audiences: [], anyAudience: false };
    const answer = await module.get(IntrospectionService).introspect({ token }, caller);
    expect(answer).toMatchObject({ active: true });
  });

  it('a data source that is left where it is need not have our tables', async () => {
    const open = Object.assign(new DataSource({ type: 'postgres' }), { isInitialized: true });
    @Module({
      imports: [
        {
          module: class HostData {},
          global: true,
          providers: [{ provide: DataSource, useValue: open }],
          exports: [DataSource],
        },
        IntrospectionModule.forRoot({ issuer: ISSUER }),
      ],
    })
    class AppModule {}
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const module = await new IntrospectionTesting()
      .override(builder, { dataSources: [] })
      .compile();
    await module.init();
    onTestFinished(() => module.close());
    expect(module.get(DataSource)).toBe(open);
  });

  it('stays what a host has bound itself, and what it overrides later', async () => {
    const own: ClientRepository = { find: async () => undefined };
    const mine = new DataSource({ type: 'postgres' });
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: 'postgres://database.invalid' }),
        IntrospectionModule.forRoot({
          issuer: ISSUER,
          providers: [{ provide: ClientRepository, useValue: own }],
        }),
      ],
    })
    class AppModule {}
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const module = await new IntrospectionTesting()
      .override(builder)
      .overrideProvider(DataSource)
      .useValue(mine)
      .compile();
    onTestFinished(() => module.close());
    expect(module.get(DataSource)).toBe(mine);
    expect(module.get(ClientRepository)).toBe(own);
  });
});
