import { RequestMethod, VersioningType } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { IntrospectionModule, introspectionOpenApi } from '../../src/index.js';
import { databaseForTest } from '../support/database.js';
import { ADAPTERS, ISSUER, startHost } from '../support/host.js';
import type { HostOptions } from '../support/host.js';
import { FORM, ask } from '../support/http.js';
import type { Answer, Question } from '../support/http.js';
import { sign } from '../support/jwt.js';
import { AnswerValidator, expectValidDocument } from '../support/openapi.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const documentOf = (app: INestApplication, openapi = '3.0.0'): OpenAPIObject =>
  SwaggerModule.createDocument(
    app,
    new DocumentBuilder().setOpenAPIVersion(openapi).addBasicAuth().build(),
  );

/** The methods of each path. */
const operationsOf = ({ paths }: OpenAPIObject) =>
  Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, Object.keys(item)]));

describe.each(ADAPTERS)('The OpenAPI document of a host on %s', (adapter) => {
  const hostWith = async (options: HostOptions = {}) => {
    const { dataSource } = await databaseForTest();
    const host = await startHost(adapter, { dataSource, ...options });
    onTestFinished(() => host.close());
    return host;
  };

  it.each(['3.0.0', '3.1.0'])('in version %s has the endpoint’s one operation', async (version) => {
    const document = documentOf((await hostWith()).app, version);
    expect(operationsOf(document)).toEqual({ '/introspect': ['post'] });
    await expectValidDocument(document);
    const { post } = document.paths['/introspect']!;
    expect(post).toMatchObject(introspectionOpenApi().paths['/introspect']!.post);
    expect(Object.keys(post!).toSorted()).toEqual([
      'description',
      'operationId',
      'parameters',
      'requestBody',
      'responses',
      'security',
      'summary',
      'tags',
    ]);
    expect(post!.parameters).toEqual([]);
  });

  it.each<[string, HostOptions, string]>([
    ['a prefix', { configure: (app) => app.setGlobalPrefix('api') }, '/api/introspect'],
    [
      'a prefix that leaves the endpoint out',
      {
        configure: (app) =>
          app.setGlobalPrefix('api', {
            exclude: [{ path: 'introspect', method: RequestMethod.POST }],
          }),
      },
      '/introspect',
    ],
    ['a path', { introspection: { path: 'oauth/introspection' } }, '/oauth/introspection'],
    [
      'versions in its URLs',
      { configure: (app) => app.enableVersioning({ type: VersioningType.URI }) },
      '/introspect',
    ],
  ])('has it where it is with %s', async (_, options, path) => {
    const { app, origin } = await hostWith(options);
    const document = documentOf(app);
    expect(operationsOf(document)).toEqual({ [path]: ['post'] });
    await expectValidDocument(document);
    expect((await ask(origin, { path })).status).toBe(401);
  });

  it('has one operation for each of two modules', async () => {
    const second = IntrospectionModule.forRoot({ issuer: ISSUER, path: 'tenant/introspect' });
    const { app, origin } = await hostWith({ module: { imports: [second] } });
    const document = documentOf(app);
    expect(operationsOf(document)).toEqual({
      '/introspect': ['post'],
      '/tenant/introspect': ['post'],
    });
    await expectValidDocument(document);
    for (const path of Object.keys(document.paths)) {
      expect((await ask(origin, { path })).status, path).toBe(401);
    }
  });

  it('has the host’s own words where it gives any', async () => {
    const decorators = [ApiOperation({ summary: 'Ask for a token', tags: ['OAuth'] })];
    const { app } = await hostWith({ introspection: { decorators } });
    const document = documentOf(app);
    await expectValidDocument(document);
    expect(document.paths['/introspect']!.post).toMatchObject({
      summary: 'Ask for a token',
      tags: ['OAuth'],
      requestBody: introspectionOpenApi().paths['/introspect']!.post.requestBody,
    });
  });

  it('lacks it where the host says so', async () => {
    const { app } = await hostWith({ introspection: { decorators: [ApiExcludeEndpoint()] } });
    expect(operationsOf(documentOf(app))).toEqual({});
  });
});

describe.each(ADAPTERS)('Every answer on %s is one that the document describes', (adapter) => {
  const { responses } = introspectionOpenApi().paths['/introspect']!.post;
  const answers = new AnswerValidator(responses);
  const statuses = new Set<string>();
  let world: World;
  beforeAll(async () => {
    world = await startWorld(adapter, {
      introspection: { unrecognizedTokens: 'error', limits: { failuresPerClient: 1 } },
    });
  });
  afterAll(() => world?.stop());

  const asked = (token: string | Promise<string>, as = 'rs'): Promise<Question> =>
    Promise.resolve(token).then((value) => ({
      headers: [...FORM, 'Authorization', world.authorization(as)],
      body: new URLSearchParams({ token: value }).toString(),
    }));
  const form = (body: string) => ({
    headers: [...FORM, 'Authorization', world.authorization('rs')],
    body,
  });

  /** The last ones leave something behind. */
  it.each<[string, number, () => Question | Promise<Question>]>([
    ['an opaque token with little', 200, () => asked(world.issue({ aud: [] }))],
    [
      'an opaque token with everything',
      200,
      () =>
        asked(
          world.issue({
            username: 'user',
            scope: 'read write',
            cnf: { jkt: 'thumbprint' },
            extensions: { auth_time: 1.5, acr: 'high', act: { sub: 'actor' }, of: 'its own' },
            extendedClaims: { more: [1] },
          }),
        ),
    ],
    ['a JSON Web Token', 200, () => asked(sign(world.key, world.claims({ nbf: 0.5, jti: 'j' })))],
    [
      'a JSON Web Token that says odd things',
      200,
      () =>
        asked(
          sign(
            world.key,
            world.claims({ aud: [], scope: [], acr: 5, act: 'x', extended_claims: 'none' }),
          ),
        ),
    ],
    ['a token for others', 200, () => asked(world.issue({ aud: ['https://elsewhere.example'] }))],
    ['an unknown token', 400, () => asked('unknown')],
    ['no token', 400, () => form('token=')],
    ['a token twice', 400, () => form('token=a&token=b')],
    ['a hint that is not supported', 400, () => form('token=a&token_type_hint=refresh_token')],
    ['no credentials', 401, () => ({ headers: FORM, body: 'token=a' })],
    ['a client that may not introspect', 403, () => asked('a', 'mute')],
    ['a large body', 413, () => form(`token=${'a'.repeat(70_000)}`)],
    [
      'a body that is no form',
      415,
      () => ({
        headers: ['Content-Type', 'application/json', 'Authorization', world.authorization('rs')],
        body: '{}',
      }),
    ],
    [
      'a thousand headers',
      431,
      () => {
        const question = form('token=a');
        const more = Array.from({ length: 1000 }, (_, index) => [`X-${index}`, '']);
        return { ...question, headers: [...question.headers, ...more.flat()] };
      },
    ],
    [
      'too many failed attempts',
      429,
      async () => {
        const question = await asked('a', 'disabled');
        await world.send(question);
        return question;
      },
    ],
    [
      'a failure of the database',
      503,
      async () => {
        await world.dataSource.query('ALTER TABLE opaque_token RENAME TO away');
        return asked('a');
      },
    ],
  ])('%s: %i', async (_, status, question) => {
    const answer: Answer = await world.send(await question());
    expect(answer.status, answer.text).toBe(status);
    answers.expectDescribed(answer);
    statuses.add(String(status));
  });

  it('and every status that it describes was there', () => {
    expect([...statuses].toSorted()).toEqual(Object.keys(responses).toSorted());
  });
});
