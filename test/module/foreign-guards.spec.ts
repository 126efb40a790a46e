import {
  ForbiddenException,
  Injectable,
  Logger,
  SetMetadata,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { IntrospectionModuleOptions } from '../../src/index.js';
import { ADAPTERS, startHost } from '../support/host.js';
import { FORM, ask } from '../support/http.js';
import type { Question } from '../support/http.js';
import { expectActive, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const Public = () => SetMetadata('isPublic', true);

/** Lets nobody through who has no bearer token, unless the route is public. */
@Injectable()
class LogInGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (this.reflector.get<boolean>('isPublic', context.getHandler())) return true;
    if (headers['authorization']?.startsWith('Bearer ')) return true;
    throw new UnauthorizedException();
  }
}

/** Lets through who comes from the right address. */
@Injectable()
class AllowListGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['x-inside'] === 'yes';
  }
}

const WARNING = (guard: string, status: number) =>
  `A global guard of this application (${guard}) refused a request to the introspection endpoint with ` +
  `${status} before its client was authenticated. If clients are to come through, put the mark by which ` +
  'that guard knows a public route on the endpoint, with the option decorators of IntrospectionModule: ' +
  'for example decorators: [Public()].';

describe.each(ADAPTERS)('A global guard of the host’s, on %s,', (adapter) => {
  let world: World;
  let question: Question;
  beforeAll(async () => {
    world = await startWorld(adapter);
    question = await world.question();
  });
  afterAll(() => world.stop());

  const hostWith = async (
    guard: new (...dependencies: never[]) => CanActivate,
    introspection: Partial<IntrospectionModuleOptions> = {},
  ) => {
    const warned = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      introspection,
      module: { providers: [{ provide: APP_GUARD, useClass: guard }] },
    });
    onTestFinished(async () => {
      warned.mockRestore();
      await host.close();
    });
    const status = async (asked: Question) => (await ask(host.origin, asked)).status;
    return { ...host, status, warnings: () => warned.mock.calls.flat() };
  };
  const from = (inside: string) => ({
    ...question,
    headers: [...question.headers!, 'X-Inside', inside],
  });

  it('that asks for a log-in is named in the log once, with the option that lets clients through', async () => {
    const host = await hostWith(LogInGuard);
    const bearer = ['Authorization', 'Bearer abc'];
    // What the guard lets through and the endpoint refuses says nothing of clients.
    expect(await host.status({ headers: [...FORM, ...bearer], body: 'token=a' })).toBe(401);
    expect(host.warnings()).toEqual([]);
    expect(await host.status(question)).toBe(401);
    expect(await host.status(question)).toBe(401);
    expect(host.warnings()).toEqual([WARNING('LogInGuard', 401)]);
  });

  it('that refuses with 403 is named as well', async () => {
    const host = await hostWith(AllowListGuard);
    expect(await host.status(from('no'))).toBe(403);
    expect(host.warnings()).toEqual([WARNING('AllowListGuard', 403)]);
  });

  it('is not named with its mark on the endpoint', async () => {
    const host = await hostWith(LogInGuard, { decorators: [Public()] });
    expectActive(await ask(host.origin, question));
    expect(host.warnings()).toEqual([]);
  });

  it('is not named when it has let a client through before', async () => {
    const host = await hostWith(AllowListGuard);
    expect(await host.status(from('yes'))).toBe(200);
    expect(await host.status(from('no'))).toBe(403);
    expect(host.warnings()).toEqual([]);
  });

  it('is not named for requests without credentials, nor for another method', async () => {
    const host = await hostWith(LogInGuard);
    expect(await host.status({ headers: FORM, body: 'token=a' })).toBe(401);
    expect(await host.status({ ...question, method: 'PUT' })).toBe(401);
    expect(host.warnings()).toEqual([]);
  });

  it('is not named for what another guard refuses behind the endpoint’s own', async () => {
    const refusing = UseGuards({
      canActivate() {
        throw new ForbiddenException();
      },
    });
    const host = await hostWith(LogInGuard, { decorators: [Public(), refusing] });
    expect(await host.status(question)).toBe(403);
    expect(host.warnings()).toEqual([]);
  });
});
