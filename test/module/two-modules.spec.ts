import { Inject, Injectable, Module } from '@nestjs/common';
import type { CanActivate, DynamicModule, Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { StraightWay } from '../../src/http/straight-way.js';
import {
  AccessPolicy,
  DecisionObserver,
  IntrospectionModule,
  IntrospectionService,
  TokenTypeHint,
  TypeOrmClientRepository,
  TypeOrmOpaqueTokenRepository,
} from '../../src/index.js';
import type { Client, Finding, IntrospectionModuleOptions } from '../../src/index.js';
import { databaseForTest, freshDatabase } from '../support/database.js';
import { ADAPTERS } from '../support/host.js';
import type { Adapter } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import { AUDIENCE, expectActive, expectError, expectInactive, inAnHour } from '../support/world.js';

const [A, B] = ['https://a.example/', 'https://b.example/'];

/** Recognises one token. */
function strategyFor(hint: string, token: string): Type {
  @Injectable()
  @TokenTypeHint(hint)
  class OneToken {
    find = async (asked: string): Promise<Finding | undefined> =>
      asked === token ? { accepted: { origin: 'trusted', aud: [AUDIENCE], sub: hint } } : undefined;
  }
  return OneToken;
}

/** One issuer: a data source, a key, its module, and a module of the host's that uses it. */
async function issuer(name: 'a' | 'b', options: Partial<IntrospectionModuleOptions> = {}) {
  const { dataSource } = await freshDatabase();
  const key = await signingKey('ES256');
  const decided: string[] = [];
  const observer = { decided: ({ active }: { active: boolean }) => decided.push(`${active}`) };

  @Injectable()
  class Tokens {
    constructor(
      readonly clients: TypeOrmClientRepository,
      readonly tokens: TypeOrmOpaqueTokenRepository,
      readonly service: IntrospectionService,
    ) {}
  }
  const introspection = IntrospectionModule.forRoot({
    issuer: name === 'a' ? A : B,
    path: `${name}/introspect`,
    realm: name,
    jwks: { keys: [key.public] },
    dataSource: `data of ${name}`,
    ...options,
    imports: [
      {
        module: class Data {},
        providers: [{ provide: `data of ${name}`, useValue: dataSource }],
        exports: [`data of ${name}`],
      },
    ],
    providers: [{ provide: DecisionObserver, useValue: observer }, ...(options.providers ?? [])],
  });
  @Module({ imports: [introspection], providers: [Tokens] })
  class Feature {}
  return { name, dataSource, key, decided, module: Feature, tokens: Tokens };
}

type Issuer = Awaited<ReturnType<typeof issuer>>;

async function start(adapter: Adapter, imports: (Type | DynamicModule)[], guard?: CanActivate) {
  @Module({ imports })
  class HostModule {}
  const http = adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(HostModule, http, { logger: false, abortOnError: false });
  app.setGlobalPrefix('sts');
  if (guard) app.useGlobalGuards(guard);
  await app.listen(0, '127.0.0.1');
  return { app, origin: await app.getUrl() };
}

describe.each(
  ADAPTERS.flatMap((adapter) => [
    [adapter, 'straight'] as const,
    [adapter, 'behind a global guard'] as const,
  ]),
)('Two issuers in one application, on %s, %s', (adapter, way) => {
  let a: Issuer, b: Issuer;
  let host: Awaited<ReturnType<typeof start>>;
  const secrets: Record<string, string> = {};
  beforeAll(async () => {
    a = await issuer('a', {
      algorithms: ['ES256'],
      unknownHints: 'ignore',
      providers: [strategyFor('of-a', 'for a alone')],
      limits: { failuresPerClient: 2 },
    });
    b = await issuer('b', { jwtTypes: 'at+jwt' });
    @Module({ providers: [strategyFor('of-all', 'for both')] })
    class Shared {}
    const guard = way === 'straight' ? undefined : { canActivate: () => true };
    host = await start(adapter, [a.module, b.module, Shared], guard);
    for (const one of [a, b]) {
      const { clients } = host.app.get(one.tokens, { strict: false });
      await clients.create({ clientId: 'app' });
      const rs = await clients.create({ clientId: 'rs', audiences: [AUDIENCE] });
      secrets[one.name] = rs.clientSecret;
    }
  });
  afterAll(async () => {
    await host.app.close();
    for (const one of [a, b]) await one.dataSource.destroy();
  });

  const introspect = (of: Issuer, token: string, hint?: string, secret = secrets[of.name]!) =>
    ask(host.origin, {
      path: `/sts/${of.name}/introspect`,
      headers: [...FORM, 'Authorization', basic('rs', secret)],
      body: new URLSearchParams({ token, ...(hint && { token_type_hint: hint }) }).toString(),
    });
  const issue = (by: Issuer) =>
    host.app
      .get(by.tokens, { strict: false })
      .tokens.issue({ clientId: 'app', aud: [AUDIENCE], exp: inAnHour() });
  const jwt = (key: SigningKey, iss: string, header = {}) =>
    sign(key, { iss, client_id: 'app', aud: AUDIENCE, exp: inAnHour() }, header);

  it('an opaque token is active where it was issued, under that issuer', async () => {
    for (const [own, other, iss] of [
      [a, b, A],
      [b, a, B],
    ] as const) {
      const token = await issue(own);
      expect(expectActive(await introspect(own, token))['iss']).toBe(iss);
      expectInactive(await introspect(other, token));
    }
  });

  it('each has its own keys, and its own options', async () => {
    expectActive(await introspect(a, await jwt(a.key, A)));
    expectInactive(await introspect(a, await jwt(b.key, A)));
    expectInactive(await introspect(a, await jwt(b.key, B)));
    expectInactive(await introspect(b, await jwt(b.key, B)));
    expectActive(await introspect(b, await jwt(b.key, B, { typ: 'at+jwt' })));
    expectActive(await introspect(a, await issue(a), 'unheard-of'));
    expectError(await introspect(b, await issue(b), 'unheard-of'), 400, 'unsupported_token_type');
  });

  it('each has its own clients', async () => {
    const other = await introspect(b, 'x', undefined, secrets['a']);
    expectError(other, 401, 'invalid_client');
    expect(other.headers['www-authenticate']).toContain('realm="b"');
  });

  it('a strategy among the options’ providers is that module’s, any other is for both', async () => {
    expectActive(await introspect(a, 'for a alone'));
    expectInactive(await introspect(b, 'for a alone'));
    for (const one of [a, b]) expectActive(await introspect(one, 'for both', 'of-all'));
  });

  it('what is revoked in one, as a host does, is not seen by the other', async () => {
    const header = { typ: 'at+jwt' };
    const [ofA, ofB] = [await jwt(a.key, A, header), await jwt(b.key, B, header)];
    await host.app.get(a.tokens, { strict: false }).service.revoke(ofA);
    await host.app.get(a.tokens, { strict: false }).service.revoke(ofB);
    expectInactive(await introspect(a, ofA));
    expectActive(await introspect(b, ofB));
    await host.app.get(b.tokens, { strict: false }).service.revoke(ofB);
    expectInactive(await introspect(b, ofB));
  });

  it('each tells its own observers', async () => {
    const [before, others] = [a.decided.length, b.decided.length];
    await introspect(a, 'unknown');
    expect([a.decided.length, b.decided.length]).toEqual([before + 1, others]);
  });

  it('each has its own limits', async () => {
    for (let guess = 0; guess < 2; guess++) await introspect(a, 'x', undefined, 'wrong');
    expectError(await introspect(a, 'x', undefined, 'wrong'), 429, 'temporarily_unavailable');
    expectError(await introspect(b, 'x', undefined, 'wrong'), 401, 'invalid_client');
    expectInactive(await introspect(a, 'x'));
  });

  it('both take the straight way exactly where nothing of the host’s is between', async () => {
    const go = vi.spyOn(StraightWay.prototype, 'go');
    onTestFinished(() => go.mockRestore());
    for (const one of [a, b]) expectInactive(await introspect(one, 'x'));
    expect(go).toHaveBeenCalledTimes(way === 'straight' ? 2 : 0);
  });
});

describe.each(ADAPTERS)('Two modules of which one is wrong, on %s', (adapter) => {
  const ports: Provider[] = [];
  const data = (dataSource: DataSource) => ({
    module: class Data {},
    global: true,
    providers: [{ provide: DataSource, useValue: dataSource }],
    exports: [DataSource],
  });
  const forRoot = (options: object) =>
    IntrospectionModule.forRoot({ issuer: A, providers: ports, ...options });

  it.each<[string, object, object, RegExp]>([
    [
      'a wrong option',
      { path: 'a/introspect' },
      { path: 'b/introspect', bodyLimit: 0 },
      /^IntrospectionModule options for the path 'b\/introspect': bodyLimit must be .*\.$/,
    ],
    [
      'the same path, written otherwise',
      { path: 'oauth/introspect' },
      { path: '/OAuth/introspect/' },
      /^Two IntrospectionModules have the path '\/?oauth\/introspect\/?': give each a path of its own/i,
    ],
    [
      'both global',
      { path: 'a', isGlobal: true },
      { path: 'b', isGlobal: true },
      /^Two IntrospectionModules are global, for '[ab]' and for '[ab]'/,
    ],
    [
      'no data source',
      { path: 'a' },
      { path: 'b', dataSource: 'data of b' },
      /found no TypeORM data source under data of b/,
    ],
    [
      'a port that cannot serve',
      { path: 'a' },
      { path: 'b', providers: [{ provide: AccessPolicy, useValue: {} }] },
      /^IntrospectionModule providers for the path 'b': AccessPolicy is bound to an object/,
    ],
  ])('is told of %s', async (_what, one, other, message) => {
    const { dataSource } = await databaseForTest();
    const imports = [data(dataSource), forRoot(one), forRoot(other)];
    await expect(start(adapter, imports)).rejects.toThrow(message);
  });
});

describe.each(ADAPTERS)('One module, however many import it, on %s', (adapter) => {
  const client: Client = {
    clientId: 'rs',
    enabled: true,
    mayIntrospect: true,
    audiences: [],
    anyAudience: true,
    secrets: [],
  };
  const options = async () => {
    const { dataSource } = await databaseForTest();
    const data = {
      module: class Data {},
      providers: [{ provide: 'data', useValue: dataSource }],
      exports: ['data'],
    };
    return { issuer: A, dataSource: 'data', imports: [data] };
  };

  @Injectable()
  class Asking {
    constructor(@Inject(IntrospectionService) readonly service: IntrospectionService) {}
    readonly ask = () => this.service.introspect({ token: 'x' }, client);
  }
  @Injectable()
  class AlsoAsking extends Asking {}

  const expectOneEndpoint = async (imports: (Type | DynamicModule)[]) => {
    const host = await start(adapter, imports);
    const answer = await ask(host.origin, {
      path: '/sts/introspect',
      headers: FORM,
      body: 'token=x',
    });
    expectError(answer, 401, 'invalid_client');
    const asking = [Asking, AlsoAsking].map((type) => host.app.get(type, { strict: false }));
    for (const one of asking) expect(await one.ask()).toEqual({ active: false });
    expect(asking[0]!.service).toBe(asking[1]!.service);
    await host.app.close();
  };

  it('works deep below the root, and re-exported', async () => {
    @Module({
      imports: [IntrospectionModule.forRoot(await options())],
      exports: [IntrospectionModule],
    })
    class OAuthModule {}
    @Module({ imports: [OAuthModule], providers: [Asking], exports: [OAuthModule] })
    class Middle {}
    @Module({ imports: [Middle], providers: [AlsoAsking] })
    class Upper {}
    await expectOneEndpoint([Upper]);
  });

  it.each<[string, (given: IntrospectionModuleOptions) => [DynamicModule, DynamicModule]]>([
    [
      'what forRoot has returned',
      (given) => {
        const made = IntrospectionModule.forRoot(given);
        return [made, made];
      },
    ],
    [
      'forRoot with the same options',
      (given) => [IntrospectionModule.forRoot(given), IntrospectionModule.forRoot(given)],
    ],
    [
      'forRootAsync with the same options',
      ({ imports, dataSource, ...values }) => {
        const given = { imports, dataSource, useFactory: () => values };
        return [
          IntrospectionModule.forRootAsync(given as never),
          IntrospectionModule.forRootAsync(given as never),
        ];
      },
    ],
  ])('is one for two modules that import %s', async (_what, make) => {
    const [first, second] = make(await options());
    @Module({ imports: [first], providers: [Asking] })
    class One {}
    @Module({ imports: [second], providers: [AlsoAsking] })
    class Two {}
    await expectOneEndpoint([One, Two]);
  });

  it('isGlobal: is there for modules that do not import it', async () => {
    @Module({ providers: [Asking, AlsoAsking] })
    class Elsewhere {}
    const global = IntrospectionModule.forRoot({ ...(await options()), isGlobal: true });
    await expectOneEndpoint([Elsewhere, global]);
  });

  it('options that were changed in between are others', async () => {
    const given = { issuer: A, path: 'a' };
    const first = IntrospectionModule.forRoot(given);
    given.path = 'b';
    expect(IntrospectionModule.forRoot(given)).not.toBe(first);
  });
});
