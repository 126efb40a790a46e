import { Global, Inject, Injectable, Logger, Module, Scope } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  AccessPolicy,
  ClientRepository,
  DecisionObserver,
  IntrospectionModule,
  IntrospectionService,
  JwtRevocationRepository,
  KeySource,
  LoggingObserver,
  OpaqueTokenRepository,
  TokenTypeHint,
  TypeOrmClientRepository,
} from '../../src/index.js';
import type { IntrospectionModuleOptions } from '../../src/index.js';
import { createHost, startHost } from '../support/host.js';

const METHODS = [
  [ClientRepository, 'ClientRepository', 'find'],
  [OpaqueTokenRepository, 'OpaqueTokenRepository', 'findByDigest'],
  [JwtRevocationRepository, 'JwtRevocationRepository', 'isRevoked'],
  [KeySource, 'KeySource', 'keySet'],
  [AccessPolicy, 'AccessPolicy', 'allows'],
] as const;

/** Ports that find nothing. */
const nothing: Provider[] = METHODS.slice(0, 3).map(([provide, , method]) => ({
  provide,
  useValue: { [method]: async () => undefined },
}));

const start = async (...providers: Provider[]) => {
  const app = await createHost('express', {
    introspection: { providers: [...nothing, ...providers] },
  });
  await app.init();
  await app.close();
};

describe('A port that is bound to what cannot serve it is named at start', () => {
  class LdapThing {}
  const BINDINGS: [what: string, shown: string, binding: Partial<Record<string, unknown>>][] = [
    ['an object without the method', 'an object', { useValue: {} }],
    ['a class without the method', 'LdapThing', { useClass: LdapThing }],
    ['a class that is not made', 'a function', { useValue: LdapThing }],
    ['what a factory has not returned', 'undefined', { useFactory: () => undefined }],
    ['what a factory has promised', 'null', { useFactory: async () => null }],
  ];
  const cases = METHODS.flatMap(([port, name, method]) =>
    BINDINGS.map(([what, shown, binding]) => ({ port, name, method, what, shown, binding })),
  );
  it.each(cases)('$name: $what', async ({ port, name, method, shown, binding }) => {
    await expect(start({ provide: port, ...binding } as Provider)).rejects.toThrow(
      new Error(
        `IntrospectionModule providers: ${name} is bound to ${shown}, which has no method ${method}.`,
      ),
    );
  });

  const OBSERVER = 'which has no method decided, refused, abused';
  it.each<[string, unknown, string]>([
    ['an object', {}, `DecisionObserver is bound to an object, ${OBSERVER}`],
    ['null', null, `DecisionObserver is bound to null, ${OBSERVER}`],
    ['a class', LoggingObserver, `DecisionObserver is bound to a function, ${OBSERVER}`],
    [
      'one of several',
      [new LoggingObserver(), new LdapThing()],
      `DecisionObserver is bound to LdapThing, ${OBSERVER}`,
    ],
    [
      'a method that is none',
      { decided: 'yes', refused: () => {} },
      'DecisionObserver is bound to an object, which has no method decided',
    ],
  ])('DecisionObserver: %s', async (_what, useValue, fault) => {
    await expect(start({ provide: DecisionObserver, useValue })).rejects.toThrow(
      new Error(`IntrospectionModule providers: ${fault}.`),
    );
  });

  it('several in one message, and an optional method that is none', async () => {
    const clients = { find: async () => undefined, findChosenSecret: 'none' };
    await expect(
      start(
        { provide: ClientRepository, useValue: clients },
        { provide: KeySource, useValue: new Map() },
        { provide: OpaqueTokenRepository, useValue: { findByDigest: () => {}, revoke: true } },
      ),
    ).rejects.toThrow(
      new Error(
        'IntrospectionModule providers: ClientRepository is bound to an object, which has no method ' +
          'findChosenSecret; OpaqueTokenRepository is bound to an object, which has no method revoke; ' +
          'KeySource is bound to Map, which has no method keySet.',
      ),
    );
  });

  it('and one that has only some of an observer’s methods can serve, and none at all', async () => {
    await start({ provide: DecisionObserver, useValue: { abused: () => {} } });
    await start({ provide: DecisionObserver, useValue: [] });
  });
});

describe('What would be made anew for each request, and the limits with it, is named at start', () => {
  const request = { scope: Scope.REQUEST, useFactory: () => ({}) };
  it.each<[string, Partial<IntrospectionModuleOptions>, Provider[]]>([
    ...[...METHODS, [DecisionObserver, 'DecisionObserver'] as const].map(
      ([provide, name]): [string, Partial<IntrospectionModuleOptions>, Provider[]] => [
        name,
        { providers: [...nothing, { provide, ...request }] },
        [],
      ],
    ),
    [
      'AccessPolicy',
      {
        providers: [
          ...nothing,
          { provide: AccessPolicy, inject: [REQUEST], useFactory: () => ({ allows: () => true }) },
        ],
      },
      [],
    ],
    ['the data source', {}, [{ provide: DataSource, ...request }]],
  ])('%s', async (name, introspection, providers) => {
    @Global()
    @Module({ providers, exports: providers })
    class Hosts {}
    const app = await createHost('express', { introspection, module: { imports: [Hosts] } });
    await expect(app.init()).rejects.toThrow(
      new Error(
        `IntrospectionModule providers for the path 'introspect': ${name} is request-scoped, or injects ` +
          'what is: the endpoint needs one for all requests.',
      ),
    );
  });

  it('the factory of the options', async () => {
    const options = { inject: [REQUEST], useFactory: () => ({ issuer: 'a' }), providers: nothing };
    const app = await NestFactory.create(IntrospectionModule.forRootAsync(options), {
      logger: false,
      abortOnError: false,
    });
    await expect(app.init()).rejects.toThrow(/the factory of the options is request-scoped/);
  });
});

describe('A strategy that is not asked', () => {
  @Injectable()
  class ForgottenStrategy {
    find = async () => undefined;
  }

  it('because it claims no hint is warned of', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    await start(ForgottenStrategy);
    expect(warn.mock.calls.flat()).toEqual([
      'ForgottenStrategy (in IntrospectionModule) has a method find and no @TokenTypeHint: it is not asked ' +
        'about tokens.',
    ]);
  });

  it('because its hint is none fails at start', async () => {
    @Injectable()
    @TokenTypeHint(undefined as never)
    class HintlessStrategy extends ForgottenStrategy {}
    await expect(start(HintlessStrategy)).rejects.toThrow(
      'HintlessStrategy (in IntrospectionModule) claims a token type hint that is no string.',
    );
  });
});

/** Nest tells of these; what to do stands in docs/errors.md under the words that are looked for here. */
describe('What is injected where it is not', () => {
  @Injectable()
  class ByToken {
    constructor(@Inject(ClientRepository) readonly clients: ClientRepository) {}
  }
  @Injectable()
  class ByInterface {
    constructor(readonly clients: unknown) {}
  }
  @Injectable()
  class ByOurClass {
    constructor(readonly clients: TypeOrmClientRepository) {}
  }
  @Injectable()
  class ByService {
    constructor(readonly service: IntrospectionService) {}
  }

  it.each<[string, Provider, string]>([
    ['a port', ByToken, 'ClientRepository'],
    ['the service', ByService, 'IntrospectionService'],
  ])('%s, in a module that does not import ours', async (_what, provider, name) => {
    const starting = NestFactory.createApplicationContext(
      { module: class Elsewhere {}, providers: [provider] },
      { logger: false, abortOnError: false },
    );
    await expect(starting).rejects.toThrow(new RegExp(`argument .*${name}.* at index \\[0\\]`));
  });

  it.each<[string, Provider, RegExp]>([
    [
      'a port by its interface',
      ByInterface,
      /can't resolve dependencies of the ByInterface \(\?\)/,
    ],
    [
      'our repository, where the host has bound its own',
      ByOurClass,
      /argument TypeOrmClientRepository at index \[0\]/,
    ],
  ])('%s', async (_what, provider, message) => {
    const starting = startHost('express', {
      introspection: { providers: nothing },
      module: { providers: [provider] },
    });
    await expect(starting).rejects.toThrow(message);
  });
});
