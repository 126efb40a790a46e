import { Inject, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IntrospectionModule, IntrospectionService } from '../../src/index.js';
import type {
  IntrospectionOptions,
  IntrospectionOptionsFactory,
  LimitsOptions,
  OAuthError,
} from '../../src/index.js';
import { ADAPTERS, ISSUER, startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import {
  AUDIENCE,
  expectActive,
  expectError,
  expectInactive,
  startWorld,
} from '../support/world.js';
import type { World } from '../support/world.js';

describe.each(ADAPTERS)('Options, on %s', (adapter) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(adapter);
  });
  afterAll(() => world.stop());
  const introspect = async (origin: string, token: string, path = '/introspect') =>
    ask(origin, {
      path,
      headers: [...FORM, 'Authorization', world.authorization('rs')],
      body: new URLSearchParams({ token }).toString(),
    });

  it('forRootAsync takes options from a factory with dependencies', async () => {
    const app = await NestFactory.create(
      {
        module: class AsyncHost {},
        imports: [
          IntrospectionModule.forRootAsync({
            imports: [
              {
                module: class ConfigModule {},
                providers: [
                  { provide: 'config', useValue: { issuer: ISSUER } },
                  { provide: 'host data', useValue: world.dataSource },
                ],
                exports: ['config', 'host data'],
              },
            ],
            inject: ['config'],
            useFactory: async (config: { issuer: string }): Promise<IntrospectionOptions> => ({
              issuer: config.issuer,
              unknownHints: 'ignore',
            }),
            path: 'async/introspect',
            dataSource: 'host data',
          }),
        ],
      },
      { logger: false },
    );
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    expect(
      expectActive(await introspect(origin, await world.issue(), '/async/introspect'))['iss'],
    ).toBe(ISSUER);
    await app.close();
  });

  it.each(['useClass', 'useExisting', 'useExisting of a token'] as const)(
    'forRootAsync takes options from %s',
    async (way) => {
      @Injectable()
      class Config {
        readonly issuer = ISSUER;
      }
      @Injectable()
      class OptionsOfHost implements IntrospectionOptionsFactory {
        constructor(@Inject(Config) private readonly config: Config) {}

        async createIntrospectionOptions(): Promise<IntrospectionOptions> {
          return { issuer: this.config.issuer, realm: 'of a class' };
        }
      }
      const existing = [OptionsOfHost, { provide: 'options', useExisting: OptionsOfHost }];
      const factory = {
        useClass: { useClass: OptionsOfHost },
        useExisting: { useExisting: OptionsOfHost },
        'useExisting of a token': { useExisting: 'options' },
      }[way];
      const imported = {
        module: class ConfigModule {},
        providers: [Config, ...existing, { provide: DataSource, useValue: world.dataSource }],
        exports: [Config, OptionsOfHost, 'options', DataSource],
      };
      const module = IntrospectionModule.forRootAsync({ ...factory, imports: [imported] });
      const host = await startHost(adapter, {
        module: { imports: [module] },
        introspection: { path: 'other' },
        dataSource: world.dataSource,
      });
      expectActive(await introspect(host.origin, await world.issue()));
      const { headers } = await ask(host.origin, { headers: FORM, body: 'token=x' });
      expect(headers['www-authenticate']).toContain('realm="of a class"');
      await host.close();
    },
  );

  it('issuerAliases: a JWT under an earlier name of ours is ours', async () => {
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      introspection: {
        jwks: { keys: [world.key.public] },
        issuerAliases: ['https://old.example.com'],
      },
    });
    const aliased = world.claims({ iss: 'https://old.example.com' });
    const active = expectActive(await introspect(host.origin, await sign(world.key, aliased)));
    expect(active['iss']).toBe('https://old.example.com');
    const ofNobody = { ...aliased, client_id: 'nobody' };
    expectInactive(await introspect(host.origin, await sign(world.key, ofNobody)));
    await host.close();
  });

  it('bodyLimit and realm', async () => {
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      introspection: { bodyLimit: 100, realm: 'my realm' },
    });
    const live = await world.issue();
    expectActive(await introspect(host.origin, live));
    expectError(await introspect(host.origin, 'x'.repeat(95)), 413, 'invalid_request');
    const { headers } = await ask(host.origin, { headers: FORM, body: 'token=x' });
    expect(headers['www-authenticate']).toBe('Basic realm="my realm", charset="UTF-8"');
    await host.close();
  });

  it('limits that are undefined have their defaults', async () => {
    const limits = {
      failuresPerClient: undefined,
      failuresPerAddress: undefined,
      window: undefined,
    };
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      introspection: { limits: limits as unknown as LimitsOptions },
    });
    const guess = () =>
      ask(host.origin, { headers: [...FORM, 'Authorization', basic('rs', 'no')], body: 'token=x' });
    for (let guesses = 0; guesses < 20; guesses++) {
      expectError(await guess(), 401, 'invalid_client');
    }
    const refused = await guess();
    expectError(refused, 429, 'temporarily_unavailable');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await host.close();
  });

  it('no keys: no JWT of ours is active, and none is asked for', async () => {
    const host = await startHost(adapter, { dataSource: world.dataSource });
    expectInactive(await introspect(host.origin, await sign(world.key, world.claims())));
    expectActive(await introspect(host.origin, await world.issue()));
    await host.close();
  });
});

describe('A JWK Set', () => {
  it('a private key in the set is used for its public half alone', async () => {
    const world = await startWorld('express');
    const key = await signingKey('RS256');
    const exported = (await crypto.subtle.exportKey('jwk', key.private)) as Record<string, unknown>;
    const host = await startHost('express', {
      dataSource: world.dataSource,
      introspection: {
        jwks: {
          keys: [
            { ...exported, kid: key.kid, alg: 'RS256', key_ops: ['sign'], kty: 'RSA' },
            { kty: 'oct', k: 'AAAA', kid: 'symmetric' },
          ],
        },
      },
    });
    const headers = [...FORM, 'Authorization', world.authorization('rs')];
    const token = await sign(key, world.claims());
    expectActive(await ask(host.origin, { headers, body: `token=${token}` }));
    await host.close();
    await world.stop();
  });
});

describe('In process', () => {
  it('callerOf makes a caller of a client, from what is stored at this moment', async () => {
    const world = await startWorld('express');
    const service = world.app.get(IntrospectionService);
    const request = { token: await world.issue() };
    expect(await service.callerOf('rs')).toEqual({
      clientId: 'rs',
      audiences: [AUDIENCE],
      anyAudience: false,
    });
    expect(await service.introspect(request, await service.callerOf('rs'))).toMatchObject({
      active: true,
    });
    expect(await service.introspect(request, await service.callerOf('outsider'))).toEqual({
      active: false,
    });
    const refusal = async (clientId: string) => {
      const { code, status } = await service.callerOf(clientId).then(
        () => expect.fail(`${clientId} is a caller`),
        (error: OAuthError) => error,
      );
      return [status, code];
    };
    expect(await refusal('nobody')).toEqual([401, 'invalid_client']);
    expect(await refusal('')).toEqual([401, 'invalid_client']);
    expect(await refusal('\0')).toEqual([401, 'invalid_client']);
    expect(await refusal('disabled')).toEqual([401, 'invalid_client']);
    expect(await refusal('mute')).toEqual([403, 'unauthorized_client']);
    await world.clients.setEnabled('rs', false);
    expect(await refusal('rs')).toEqual([401, 'invalid_client']);
    expect(await refusal(undefined as never)).toEqual([503, 'temporarily_unavailable']);
    await world.dataSource.destroy();
    expect(await refusal('app')).toEqual([503, 'temporarily_unavailable']);
    await world.close();
  });

  it('the service decides as the endpoint does', async () => {
    const world = await startWorld('express');
    const service = world.app.get(IntrospectionService);
    const rs = (await world.clients.find('rs'))!;
    const live = await world.issue({ scope: 'read' });
    expect(await service.introspect({ token: live }, rs)).toEqual(
      expectActive(await world.introspect(live)),
    );
    expect(await service.introspect({ token: 'no' }, rs)).toEqual({ active: false });
    expect(await service.introspect({ token: '\ud800' }, rs)).toEqual({ active: false });
    const stranger = { clientId: 'stranger', audiences: [], anyAudience: false };
    expect(await service.introspect({ token: live }, stranger)).toEqual({ active: false });
    await expect(
      service.introspect({ token: live, token_type_hint: 'refresh_token' }, rs),
    ).rejects.toMatchObject({ code: 'unsupported_token_type', status: 400 });
    await world.dataSource.destroy();
    await expect(service.introspect({ token: live }, rs)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
    });
    await world.close();
  });

  it('works in an application without HTTP', async () => {
    const world = await startWorld('express');
    const context = await NestFactory.createApplicationContext(
      {
        module: class Job {},
        imports: [
          {
            module: class Data {},
            global: true,
            providers: [{ provide: DataSource, useValue: world.dataSource }],
            exports: [DataSource],
          },
          IntrospectionModule.forRoot({ issuer: ISSUER }),
        ],
      },
      { logger: false },
    );
    const rs = (await world.clients.find('rs'))!;
    const request = { token: await world.issue() };
    expect(await context.get(IntrospectionService).introspect(request, rs)).toMatchObject({
      active: true,
    });
    await context.close();
    await world.stop();
  });
});
