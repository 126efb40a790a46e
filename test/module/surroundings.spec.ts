import type { ServerResponse } from 'node:http';
import {
  Body,
  CallHandler,
  Catch,
  ClassSerializerInterceptor,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  RequestMethod,
  SetMetadata,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import type {
  ArgumentsHost,
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  INestApplication,
  MiddlewareConsumer,
  NestInterceptor,
  NestModule,
  Type,
} from '@nestjs/common';
import { NestFactory, Reflector, RouterModule } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import compression from 'compression';
import express from 'express';
import { fastify as newFastify } from 'fastify';
import type { FastifyReply, RouteOptions } from 'fastify';
import helmet from 'helmet';
import { map } from 'rxjs';
import type { Observable } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ClientAuthGuard } from '../../src/http/client-auth.guard.js';
import { IntrospectionModule } from '../../src/index.js';
import { ADAPTERS, createHost, hostModule, startHost } from '../support/host.js';
import type { Adapter, HostOptions } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import type { Answer, Question } from '../support/http.js';
import { AUDIENCE, expectActive, expectError, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const Public = () => SetMetadata('isPublic', true);

@Injectable()
class EverybodyMustLogIn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return new Reflector().get<boolean>('isPublic', context.getHandler()) ?? false;
  }
}

@Catch()
class HostFilter implements ExceptionFilter {
  catch(_exception: unknown, host: ArgumentsHost): void {
    const response = host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: unknown): void } }>();
    response.status(418).send({ filtered: true });
  }
}

@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** A route of the host's own, which must go on working as before. */
@Controller()
class EchoController {
  @Post(['echo', 'other/introspect'])
  @Public()
  echo(@Body() body: unknown) {
    return { echo: body };
  }

  @Get('hello')
  @Public()
  hello() {
    return 'hello';
  }
}

interface Surroundings extends Omit<HostOptions, 'dataSource'> {
  path?: string;
  only?: Adapter;
}

/**
 * Wraps `writeHead` as compression, sessions and access logs do with on-headers up to 1.0, which knows
 * headers in an object, and no list of names and values in turn.
 */
function headersByName(_request: unknown, response: ServerResponse, next: () => void): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status: number, headers?: unknown) => {
    for (const [name, value] of Object.entries(headers ?? {})) {
      response.setHeader(name, value as string);
    }
    return writeHead(status);
  };
  next();
}

const SURROUNDINGS: Record<string, Surroundings> = {
  'a global prefix': {
    path: '/api/v1/introspect',
    configure: (app) => app.setGlobalPrefix('api/v1'),
  },
  'a global prefix that excludes the endpoint': {
    configure: (app) => app.setGlobalPrefix('/api/', { exclude: ['introspect'] }),
  },
  'another path': {
    path: '/oauth2/introspection',
    introspection: { path: '/oauth2/introspection/' },
  },
  'URI versioning': {
    configure: (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
  },
  'header versioning': {
    configure: (app) =>
      app.enableVersioning({
        type: VersioningType.HEADER,
        header: 'X-Version',
        defaultVersion: '1',
      }),
  },
  'media type versioning': {
    configure: (app) =>
      app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: 'v=', defaultVersion: '1' }),
  },
  helmet: { configure: (app) => app.use(helmet()) },
  compression: { configure: (app) => app.use(compression({ threshold: 0 })) },
  'middleware that takes the headers of an answer by their names': {
    configure: (app) => app.use(headersByName),
  },
  'a serializer of classes': {
    configure: (app) =>
      app.useGlobalInterceptors(new ClassSerializerInterceptor(app.get(Reflector))),
  },
  'a ValidationPipe that forbids what it does not know': {
    configure: (app) =>
      app.useGlobalPipes(
        new ValidationPipe({
          whitelist: true,
          forbidNonWhitelisted: true,
          forbidUnknownValues: true,
          transform: true,
          validateCustomDecorators: true,
        }),
      ),
  },
  'a global guard and the mark of a public route': {
    introspection: { decorators: [Public()] },
    configure: (app) => app.useGlobalGuards(new EverybodyMustLogIn()),
  },
  'a global filter': { configure: (app) => app.useGlobalFilters(new HostFilter()) },
  'an interceptor that wraps answers': {
    configure: (app) => app.useGlobalInterceptors(new Envelope()),
  },
  'raw bodies kept': {
    configure: (app) => void Object.assign(app, { appOptions: { rawBody: true } }),
  },
  'CORS and middleware': {
    configure: (app) => {
      app.enableCors();
      app.use((_request: unknown, _response: unknown, next: () => void) => setImmediate(next));
    },
  },
  'Express’s own parsers in the way': {
    only: 'express',
    configure: (app) => {
      app.use(express.json());
      app.use(express.urlencoded({ extended: true, limit: 10 }));
      app.use(express.text({ type: '*/*', limit: 10 }));
    },
  },
  'a Fastify parser for forms': {
    only: 'fastify',
    configure: (app) => {
      const fastify = app as NestFastifyApplication;
      fastify.useBodyParser(FORM[1], { bodyLimit: 10 }, (_request, _body, done) =>
        done(new Error('never')),
      );
      fastify.useBodyParser('text/plain');
    },
  },
};

describe.each(ADAPTERS)(
  'The endpoint behaves the same in a host with surroundings, on %s',
  (adapter) => {
    let world: World;
    let questions: Question[];
    let plain: Answer[];
    beforeAll(async () => {
      world = await startWorld(adapter);
      const live = await world.issue();
      const rs = ['Authorization', world.authorization('rs')];
      questions = [
        { headers: [...FORM, ...rs], body: `token=${live}` },
        { headers: [...FORM, ...rs], body: `token=${live}&unknown=parameter&a[b]=c` },
        { headers: [...FORM, ...rs], body: 'token=no' },
        { headers: [...FORM, ...rs], body: `token=${live}&token=${live}` },
        { headers: [...FORM, ...rs], body: 'token[]=a' },
        { headers: [...FORM, ...rs], body: '' },
        { headers: [...FORM, ...rs], body: `token=${live}&token_type_hint=refresh_token` },
        { headers: [...FORM, ...rs], body: `token=${'x'.repeat(70_000)}` },
        { headers: [...FORM, ...rs], body: `token=${'x'.repeat(60_000)}` },
        { headers: [...FORM, ...rs], body: 'token=%FF' },
        { headers: [...FORM], body: `token=${live}` },
        { headers: [...FORM, 'Authorization', basic('rs', 'wrong')], body: `token=${live}` },
        { headers: [...FORM, 'Authorization', world.authorization('mute')], body: `token=${live}` },
        { headers: ['Content-Type', 'application/json', ...rs], body: `{"token":` },
        { headers: ['Content-Type', 'text/plain', ...rs], body: `token=${live}` },
        { headers: ['Content-Type', 'application/xml', ...rs], body: `token=${live}` },
        { headers: [...rs], body: `token=${live}` },
        { method: 'GET', headers: rs },
        { method: 'PUT', headers: ['Content-Type', 'application/json'], body: '{' },
        { method: 'DELETE' },
      ];
      plain = await inTurn(world.origin, questions, '/introspect');
      expectActive(plain[0]!);
    });
    afterAll(() => world.stop());

    const names = Object.entries(SURROUNDINGS).filter(([, { only }]) => !only || only === adapter);
    it.each(names)('%s', async (_name, { path = '/introspect', ...options }) => {
      const host = await startHost(adapter, {
        ...options,
        dataSource: world.dataSource,
        module: { controllers: [EchoController] },
      });
      const answers = await inTurn(host.origin, questions, path);
      answers.forEach((answer, at) => {
        const { status, text, headers } = answer;
        const expected = plain[at]!;
        expect({ question: questions[at], status, text }).toEqual({
          question: questions[at],
          status: expected.status,
          text: expected.text,
        });
        for (const name of [
          'content-type',
          'cache-control',
          'pragma',
          'www-authenticate',
          'allow',
        ]) {
          expect(headers[name], name).toBe(expected.headers[name]);
        }
      });
      await host.close();
    });

    it('leaves the host’s own routes and their bodies alone', async () => {
      const host = await startHost(adapter, {
        dataSource: world.dataSource,
        module: { controllers: [EchoController] },
        configure: (app) => app.setGlobalPrefix('api'),
      });
      for (const path of ['/api/echo', '/api/other/introspect']) {
        const json = { headers: ['Content-Type', 'application/json'], body: '{"a":1}', path };
        expect((await ask(host.origin, json)).json).toEqual({ echo: { a: 1 } });
        const form = { headers: FORM, body: 'token=a&b=c', path };
        expect((await ask(host.origin, form)).json).toEqual({ echo: { token: 'a', b: 'c' } });
      }
      expect((await ask(host.origin, { method: 'GET', path: '/api/hello' })).text).toBe('hello');
      await host.close();
    });

    it('a global guard that refuses the endpoint is answered in our shape', async () => {
      const host = await startHost(adapter, {
        dataSource: world.dataSource,
        configure: (app) => app.useGlobalGuards(new EverybodyMustLogIn()),
      });
      expectError(await ask(host.origin, questions[0]!), 403, 'unauthorized_client');
      await host.close();
    });

    it('below the path that the host’s router gives the module', async () => {
      const host = await startHost(adapter, {
        dataSource: world.dataSource,
        module: {
          imports: [RouterModule.register([{ path: 'oauth', module: IntrospectionModule }])],
        },
      });
      const [active, repeated] = await inTurn(
        host.origin,
        [questions[0]!, questions[3]!],
        '/oauth/introspect',
      );
      expectActive(active!);
      expectError(repeated!, 400, 'invalid_request');
      await host.close();
    });

    it('in a testing module, which has its adapter later', async () => {
      const testing = await Test.createTestingModule({
        imports: [hostModule({ dataSource: world.dataSource })],
      }).compile();
      const app = testing.createNestApplication(
        adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
        { logger: false },
      );
      app.setGlobalPrefix('api');
      await app.listen(0, '127.0.0.1');
      const answers = await inTurn(await app.getUrl(), questions, '/api/introspect');
      expect(answers.map(({ status, text }) => [status, text])).toEqual(
        plain.map(({ status, text }) => [status, text]),
      );
      await app.close();
    });

    it('without a body parser of the host’s', async () => {
      const app = await NestFactory.create(hostModule({ dataSource: world.dataSource }), {
        logger: false,
        bodyParser: false,
      });
      await app.listen(0, '127.0.0.1');
      expectActive(await ask(await app.getUrl(), questions[0]!));
      await app.close();
    });
  },
);

const MIDDLEWARE_ROUTES = [
  '*path',
  'introspect',
  { path: 'introspect', method: RequestMethod.POST },
  { path: 'introspect', method: RequestMethod.ALL },
  { path: '{*all}', method: RequestMethod.POST },
];

function withMiddleware(route: (typeof MIDDLEWARE_ROUTES)[number]): Type {
  @Module({})
  class WithMiddleware implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      const note = (_request: unknown, _response: unknown, next: () => void) => next();
      consumer.apply(note).forRoutes(route);
    }
  }
  return WithMiddleware;
}

describe('On Express the straight way', () => {
  let world: World;
  let question: Question;
  beforeAll(async () => {
    world = await startWorld('express');
    const rs = ['Authorization', world.authorization('rs')];
    question = { headers: [...FORM, ...rs], body: `token=${await world.issue()}` };
  });
  afterAll(() => world.stop());
  const note = (_request: unknown, _response: unknown, next: () => void) => next();
  const expressOf = (app: INestApplication) =>
    app.getHttpAdapter().getInstance() as express.Application;
  /** Whether Nest's router was asked for the endpoint's guard, which the straight way passes by. */
  const asksNest = async (
    configure?: HostOptions['configure'],
    path = '/introspect',
    options: Omit<HostOptions, 'configure'> = {},
  ) => {
    const host = await startHost('express', {
      ...options,
      dataSource: world.dataSource,
      ...(configure ? { configure } : {}),
    });
    const guard = vi.spyOn(ClientAuthGuard.prototype, 'canActivate');
    expectActive(await ask(host.origin, { ...question, path }));
    const asked = guard.mock.calls.length > 0;
    guard.mockRestore();
    await host.close();
    return asked;
  };

  it('is taken where the host has nothing on the way', async () => {
    expect(await asksNest()).toBe(false);
    expect(await asksNest((app) => app.setGlobalPrefix('api'), '/api/introspect')).toBe(false);
    const controllers = { module: { controllers: [EchoController] } };
    expect(await asksNest(undefined, '/introspect', controllers)).toBe(false);
  });

  it.each<[string, HostOptions['configure'], string?, Omit<HostOptions, 'configure'>?]>([
    ['middleware', (app) => app.use(note)],
    ['middleware at the path', (app) => app.use('/introspect', note)],
    ['a route at the path for every method', (app) => expressOf(app).all('/introspect', note)],
    ['a route at the path, with all()', (app) => expressOf(app).route('/introspect').all(note)],
    ['its router’s all()', (app) => expressOf(app).router.all('/introspect', note)],
    ['a route that is written with an escape', (app) => expressOf(app).post('/intro\\spect', note)],
    ...MIDDLEWARE_ROUTES.map(
      (route): [string, undefined, string, Omit<HostOptions, 'configure'>] => [
        `Nest’s middleware for ${JSON.stringify(route)}`,
        undefined,
        '/introspect',
        { module: { imports: [withMiddleware(route)] } },
      ],
    ),
    ['CORS', (app) => app.enableCors()],
    ['a global guard', (app) => app.useGlobalGuards({ canActivate: () => true })],
    ['a query', undefined, '/introspect?a=b'],
    ['a path in other letters', undefined, '/Introspect'],
    ['decorators', undefined, '/introspect', { introspection: { decorators: [Public()] } }],
  ])('is not taken with %s', async (_what, configure, path, options) => {
    expect(await asksNest(configure, path, options)).toBe(true);
  });

  it('leaves no request past a route with all() that refuses it', async () => {
    const host = await startHost('express', {
      dataSource: world.dataSource,
      configure: (app) =>
        void expressOf(app)
          .route('/introspect')
          .all((_request, response) => void response.status(418).end()),
    });
    expect((await ask(host.origin, { ...question, path: '/introspect' })).status).toBe(418);
    await host.close();
  });

  it('is not taken where a route of the host’s own is at the same path', async () => {
    @Controller()
    class Rival {
      @Post('introspect')
      answer() {
        return { rival: true };
      }
    }
    const answers: unknown[] = [];
    for (const configure of [() => {}, (app: INestApplication) => app.use(note)]) {
      const host = await startHost('express', {
        dataSource: world.dataSource,
        module: { controllers: [Rival] },
        configure,
      });
      answers.push((await ask(host.origin, question)).json);
      await host.close();
    }
    // Express decides who of the two answers, and decides the same with the straight way out of the question.
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('On Fastify the straight way', () => {
  let world: World;
  let question: Question;
  beforeAll(async () => {
    world = await startWorld('fastify');
    const rs = ['Authorization', world.authorization('rs')];
    question = { headers: [...FORM, ...rs], body: `token=${await world.issue()}` };
  });
  afterAll(() => world.stop());
  /** @param change what the host does to each route, in a hook that is there before Nest */
  const startWith = async (change?: (route: RouteOptions) => void) => {
    const instance = newFastify();
    if (change) instance.addHook('onRoute', change);
    const adapter = new FastifyAdapter(instance as never);
    const app = await createHost('fastify', { dataSource: world.dataSource }, adapter);
    await app.listen(0, '127.0.0.1');
    onTestFinished(() => app.close());
    return app.getUrl();
  };
  const refuse = (_request: unknown, reply: FastifyReply) => void reply.code(418).send();

  it.each<[string, (route: RouteOptions) => void]>([
    ['a handler around ours', (route) => Object.assign(route, { handler: refuse })],
    ['preParsing', (route) => Object.assign(route, { preParsing: refuse })],
    ['several of preParsing', (route) => Object.assign(route, { preParsing: [refuse] })],
    ['preHandler', (route) => Object.assign(route, { preHandler: refuse })],
  ])('leaves no request past what the host gives each route: %s', async (_what, change) => {
    expect((await ask(await startWith(change), question)).status).toBe(418);
  });

  it('is taken where nobody could have changed the route', async () => {
    const guard = vi.spyOn(ClientAuthGuard.prototype, 'canActivate');
    onTestFinished(() => guard.mockRestore());
    expectActive(await ask(await startWith(), question));
    expect(guard).not.toHaveBeenCalled();
    expectActive(await ask(await startWith(() => {}), question));
    expect(guard).toHaveBeenCalled();
  });
});

describe('An Express application whose own parsers come first', () => {
  it('is told so, instead of being given a wrong answer', async () => {
    const world = await startWorld('express');
    const live = await world.issue({ aud: [AUDIENCE] });
    const instance = express();
    instance.use(express.urlencoded({ extended: true }));
    const app = await NestFactory.create(
      hostModule({ dataSource: world.dataSource }),
      new ExpressAdapter(instance),
      { logger: false },
    );
    await app.listen(0, '127.0.0.1');
    const answer = await ask(await app.getUrl(), {
      headers: [...FORM, 'Authorization', world.authorization('rs')],
      body: `token=${live}`,
    });
    expectError(answer, 503, 'temporarily_unavailable');
    await app.close();
    await world.stop();
  });
});

async function inTurn(
  origin: string,
  questions: readonly Question[],
  path: string,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const question of questions) answers.push(await ask(origin, { ...question, path }));
  return answers;
}
