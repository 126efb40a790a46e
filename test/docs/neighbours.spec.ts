import { Controller, Module } from '@nestjs/common';
import type {
  CanActivate,
  DynamicModule,
  ExecutionContext,
  INestApplication,
  Type,
} from '@nestjs/common';
import { APP_GUARD, NestFactory, Reflector } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { DataSource } from 'typeorm';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { IntrospectionService, TypeOrmClientRepository } from '../../src/index.js';
import { databaseForTest } from '../support/database.js';
import { ADAPTERS, createHost, hostModule } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { freePort } from '../support/postgres.js';
import { expectInactive, startWorld } from '../support/world.js';
import { sample } from './sample.js';

/** An application of `modules` on a database of its own, and how its client `rs` asks about a token. */
async function started(...modules: (Type | DynamicModule)[]) {
  const { dataSource } = await databaseForTest();
  @Module({ providers: [{ provide: DataSource, useValue: dataSource }], exports: [DataSource] })
  class Data {}
  const app = await NestFactory.create(
    { module: class AppModule {}, imports: [{ module: Data, global: true }, ...modules] },
    { logger: false, abortOnError: false },
  );
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const clients = app.get(TypeOrmClientRepository, { strict: false });
  const { clientSecret } = await clients.create({ clientId: 'rs' });
  const headers = [...FORM, 'Authorization', basic('rs', clientSecret)];
  const origin = await app.getUrl();
  return { app, introspect: () => ask(origin, { headers, body: 'token=unknown' }) };
}

describe('What docs/in-your-application.md shows', () => {
  it('lets clients through a global guard', async () => {
    const { introspection } = await sample<{ introspection: DynamicModule }>(
      'in-your-application/public-route',
    );
    class LogInGuard implements CanActivate {
      canActivate = (context: ExecutionContext) =>
        new Reflector().get<boolean>('isPublic', context.getHandler()) ?? false;
    }
    const guard = {
      module: class Auth {},
      providers: [{ provide: APP_GUARD, useClass: LogInGuard }],
    };
    const { introspect } = await started(introspection, guard);
    expectInactive(await introspect());
  });

  it('gives the endpoint a limit in a throttler of the host’s', async () => {
    const { introspection } = await sample<{ introspection: DynamicModule }>(
      'in-your-application/throttled',
    );
    const throttler = {
      module: class Throttling {},
      imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1 }])],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    };
    const { introspect } = await started(introspection, throttler);
    expectInactive(await introspect());
    const answer = await introspect();
    expectInactive(answer);
    expect(answer.headers['x-ratelimit-limit']).toBe('1000');
  });

  it('takes options from @nestjs/config', async () => {
    process.env['ISSUER'] = 'https://server.example.com/';
    onTestFinished(() => void delete process.env['ISSUER']);
    const { OAuthModule } = await sample<{ OAuthModule: Type }>('in-your-application/config');
    const { introspect } = await started(OAuthModule);
    expectInactive(await introspect());
  });

  it('gives nestjs-pino the parameters with which its log has no secrets', async () => {
    const { logging } = await sample<{ logging: DynamicModule }>('in-your-application/pino');
    const provider = logging.providers?.find(
      (one) => 'provide' in one && one.provide === 'pino-params',
    );
    // The parameters that test/module/pino.spec.ts tries as the recipe.
    expect(provider).toMatchObject({
      useValue: { pinoHttp: { redact: ['req.headers.authorization'] } },
    });
    const { introspect } = await started(logging, await plainModule());
    expectInactive(await introspect());
  });
});

const plainModule = async () =>
  (await sample<{ introspection: DynamicModule }>('in-your-application/public-route'))
    .introspection;

/** Has message handlers, and asks in process. */
@Controller()
class MessagesController {
  constructor(private readonly introspection: IntrospectionService) {}

  @MessagePattern('introspect')
  introspect(token: string) {
    const caller = { clientId: 'rs', audiences: [], anyAudience: true };
    return this.introspection.introspect({ token }, caller);
  }

  @MessagePattern('fail')
  fail() {
    throw new TypeError('a failure of the host');
  }
}

const clientOf = (port: number) => {
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { port } });
  onTestFinished(() => void client.close());
  return (pattern: string, data: string) => firstValueFrom(client.send<unknown>(pattern, data));
};

it('a microservice without HTTP imports the module, and asks in process', async () => {
  const world = await startWorld('express');
  onTestFinished(() => world.stop());
  const port = await freePort();
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    hostModule({ dataSource: world.dataSource, module: { controllers: [MessagesController] } }),
    { transport: Transport.TCP, options: { port }, logger: false, abortOnError: false },
  );
  onTestFinished(() => app.close());
  await app.listen();
  const token = await world.issue();
  const send = clientOf(port);
  expect(await send('introspect', token)).toMatchObject({ active: true, client_id: 'app' });
  await world.revoke(token);
  expect(await send('introspect', token)).toEqual({ active: false });
});

describe.each(ADAPTERS)(
  'A hybrid application, as docs/in-your-application.md shows, on %s',
  (adapter) => {
    it('has the endpoint, and messages that the module does not touch', async () => {
      const { listen } = await sample<{
        listen: (app: INestApplication, port: number, tcpPort: number) => Promise<void>;
      }>('in-your-application/hybrid');
      const world = await startWorld(adapter);
      onTestFinished(() => world.stop());
      const app = await createHost(adapter, {
        dataSource: world.dataSource,
        module: { controllers: [MessagesController] },
      });
      onTestFinished(() => app.close());
      const tcpPort = await freePort();
      await listen(app, 0, tcpPort);
      const token = await world.issue();
      const headers = [...FORM, 'Authorization', world.authorization('rs')];
      const answer = await ask(`http://127.0.0.1:${new URL(await app.getUrl()).port}`, {
        headers,
        body: `token=${token}`,
      });
      expect(answer.json).toMatchObject({ active: true, client_id: 'app' });
      const send = clientOf(tcpPort);
      expect(await send('introspect', token)).toMatchObject({ active: true, client_id: 'app' });
      // What Nest itself answers to a message, and no OAuth error.
      await expect(send('fail', '')).rejects.toEqual({
        status: 'error',
        message: 'Internal server error',
      });
    });
  },
);
