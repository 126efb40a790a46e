import { Injectable, Module, Scope } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { UnsupportedTokenTypeError } from '../../src/model/oauth-error.js';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { TokenTypeHint } from '../../src/model/introspection-strategy.js';
import type { IntrospectionStrategy } from '../../src/model/introspection-strategy.js';
import { StrategyRegistry } from '../../src/decision/strategy-registry.js';

class KnowsNothing implements IntrospectionStrategy {
  async find() {
    return undefined;
  }
}

@Injectable()
@TokenTypeHint('a')
class A extends KnowsNothing {}

@Injectable()
@TokenTypeHint('b')
class B extends KnowsNothing {}

@Injectable()
@TokenTypeHint('c')
class C extends KnowsNothing {}

@Injectable()
@TokenTypeHint('a')
class Rival extends KnowsNothing {}

@Injectable()
@TokenTypeHint('refresh_token')
class Refresh extends KnowsNothing {}

@Injectable({ scope: Scope.TRANSIENT })
@TokenTypeHint('transient')
class Transient extends KnowsNothing {}

@Injectable({ scope: Scope.REQUEST })
@TokenTypeHint('per-request')
class PerRequest extends KnowsNothing {}

@Injectable()
@TokenTypeHint('x')
class WithoutMethod {}

const settings = new IntrospectionSettings({ issuer: 'https://server.example.com/' });
const start = async (...providers: Provider[]) => {
  @Module({
    imports: [DiscoveryModule],
    providers: [
      { provide: IntrospectionSettings, useValue: settings },
      StrategyRegistry,
      ...providers,
    ],
  })
  class HostModule {}
  const options = { logger: false, abortOnError: false } as const;
  const app = await NestFactory.createApplicationContext(HostModule, options);
  return { app, registry: app.get(StrategyRegistry) };
};
const strategies = (registry: StrategyRegistry, hint: string | undefined) =>
  registry.inOrder(hint).map(({ strategy }) => strategy);

describe('Strategies', () => {
  it('S1, S4 are asked in the order of their registration, the hinted one first', async () => {
    const { app, registry } = await start(A, B, C);
    const [a, b, c] = [app.get(A), app.get(B), app.get(C)];
    expect(registry.hints).toEqual(['a', 'b', 'c']);
    expect(strategies(registry, undefined)).toEqual([a, b, c]);
    expect(strategies(registry, 'a')).toEqual([a, b, c]);
    expect(strategies(registry, 'b')).toEqual([b, a, c]);
    expect(strategies(registry, 'c')).toEqual([c, a, b]);
    expect(strategies(registry, 'b')[0]).toBe(b);
  });

  it.each<[string, Provider]>([
    ['a class', A],
    ['a class under a token of its own', { provide: 'own', useClass: A }],
    ['a value', { provide: 'own', useValue: new A() }],
    ['what a factory makes', { provide: 'own', useFactory: () => new A() }],
    ['what a factory makes later', { provide: 'own', useFactory: async () => new A() }],
  ])('are found as %s', async (_what, provider) => {
    const { registry } = await start(provider);
    expect(strategies(registry, 'a')).toEqual([expect.any(A)]);
  });

  it('are found among providers of every kind', async () => {
    const values = [undefined, null, 0, 'text', {}, Object.create(null), () => 'a', [new A()]];
    const others = values.map((useValue, at) => ({ provide: `value ${at}`, useValue }));
    const { registry } = await start(...others, KnowsNothing, A);
    expect(registry.hints).toEqual(['a']);
  });

  it('are one under an alias', async () => {
    const { registry } = await start(A, { provide: 'alias', useExisting: A }, B);
    expect(strategies(registry, 'b')).toHaveLength(2);
  });

  it('S2, S3 are none for other hints', async () => {
    const { registry } = await start();
    expect(registry.hints).toEqual([]);
    expect(strategies(registry, undefined)).toEqual([]);
    for (const hint of ['a', 'refresh_token', '']) {
      expect(() => strategies(registry, hint)).toThrow(UnsupportedTokenTypeError);
    }
  });

  const notASingleton = (name: string, hint: string) =>
    `${name} (in HostModule), the strategy for the token type hint "${hint}", is not a singleton. ` +
    'StrategyRegistry keeps one instance of each strategy: make it and what it injects singletons.';
  it.each<[string, Provider[], string]>([
    [
      'two claim one hint',
      [A, Rival],
      'Both A (in HostModule) and Rival (in HostModule) claim the token type hint "a".',
    ],
    [
      'two of one class claim its hint',
      [A, { provide: 'again', useClass: A }],
      'Both A (in HostModule) and A (in HostModule) claim the token type hint "a".',
    ],
    [
      'one claims refresh tokens',
      [Refresh],
      'Refresh (in HostModule) claims "refresh_token", which is never introspected.',
    ],
    ['one is transient', [Transient], notASingleton('Transient', 'transient')],
    ['one is made for each request', [PerRequest], notASingleton('PerRequest', 'per-request')],
    [
      'one has no method',
      [WithoutMethod],
      'WithoutMethod (in HostModule) claims the token type hint "x" but has no method find(token).',
    ],
  ])('fail at start when %s', async (_what, providers, message) => {
    await expect(start(...providers)).rejects.toThrow(new Error(message));
  });
});
