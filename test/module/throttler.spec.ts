import { Controller, Get } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SkipThrottle, Throttle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import type { ThrottlerModuleOptions } from '@nestjs/throttler';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { IntrospectionModuleOptions } from '../../src/index.js';
import { ADAPTERS, startHost } from '../support/host.js';
import { ask } from '../support/http.js';
import type { Question } from '../support/http.js';
import { expectActive, expectError, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

@Controller('hello')
class HelloController {
  @Get()
  hello() {
    return 'hello';
  }
}

/** The application's limit, which our callers exceed with their third question. */
const TWICE = { ttl: 60_000, limit: 2 };
const throttlers: Record<string, ThrottlerModuleOptions> = {
  'one throttler': [TWICE],
  'throttlers with names': { throttlers: [{ name: 'burst', ...TWICE }, TWICE] },
};

describe.each(ADAPTERS)('In a host whose throttler is global, on %s,', (adapter) => {
  let world: World;
  let question: Question;
  beforeAll(async () => {
    world = await startWorld(adapter);
    question = await world.question();
  });
  afterAll(() => world.stop());

  const hostWith = async (
    options: ThrottlerModuleOptions,
    introspection: Partial<IntrospectionModuleOptions> = {},
  ) => {
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      introspection,
      module: {
        imports: [
          ThrottlerModule.forRootAsync({ useFactory: async () => structuredClone(options) }),
        ],
        controllers: [HelloController],
        providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
      },
    });
    onTestFinished(() => host.close());
    return host;
  };
  const thrice = async (origin: string, asked: Question) => [
    await ask(origin, asked),
    await ask(origin, asked),
    await ask(origin, asked),
  ];

  it.each(Object.entries(throttlers))(
    'with %s, the endpoint has its own limits alone',
    async (_, options) => {
      const { origin } = await hostWith(options);
      for (const answer of await thrice(origin, question)) {
        expectActive(answer);
        expect(Object.keys(answer.headers).filter((name) => /limit|retry/.test(name))).toEqual([]);
      }
      const hello = await thrice(origin, { method: 'GET', path: '/hello' });
      expect(hello.map(({ status }) => status)).toEqual([200, 200, 429]);
    },
  );

  it.each<[string, Partial<IntrospectionModuleOptions>]>([
    ['the endpoint has no limits', { limits: false }],
    ['the endpoint has a @Throttle', { decorators: [Throttle({ default: TWICE })] }],
    ['the endpoint is not to be skipped', { decorators: [SkipThrottle({ default: false })] }],
  ])('the throttler counts where %s', async (_, introspection) => {
    const { origin } = await hostWith([{ ...TWICE }], introspection);
    const [first, second, third] = await thrice(origin, question);
    expectActive(first!);
    expectActive(second!);
    expectError(third!, 429, 'temporarily_unavailable');
    expect(third!.headers['retry-after']).toBe('60');
  });
});
