import { createHmac } from 'node:crypto';
import { SetMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { IntrospectionModule } from '../../src/index.js';
import type { IntrospectionModuleAsyncOptions, IntrospectionOptions } from '../../src/index.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { ISSUER, createHost } from '../support/host.js';

const ALL = 'RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519';
const SOURCE = 'a JWK Set { keys }, { file } or { url }';
const URL_RULE = 'must be an http: or https: URL without a user or a password';
const PATH_RULE = "path must be a path, such as 'oauth2/introspect'";
const OTHER = 'https://other.example/';
const withUrl = (others: object) => ({ jwks: { url: 'https://sts.example/jwks', ...others } });
const trusting = (...trustedIssuers: unknown[]) => ({ trustedIssuers });

/** The whole message behind "IntrospectionModule options: ". */
const WRONG: readonly [what: string, options: Record<string, unknown>, faults: string][] = [
  ['no issuer', { issuer: undefined }, 'issuer must be this server’s issuer identifier'],
  ['an empty issuer', { issuer: '' }, 'issuer must be this server’s issuer identifier'],
  [
    'misspelt names',
    { isuer: 'x', pth: 'y', trustedProxys: [], IssuerAliases: [] },
    '"isuer" is not an option here (did you mean "issuer"?); "pth" is not an option here (did you mean ' +
      '"path"?); "trustedProxys" is not an option here (did you mean "trustedProxies"?); ' +
      '"IssuerAliases" is not an option here (did you mean "issuerAliases"?)',
  ],
  ['a name like no other', { clientId: 'x' }, '"clientId" is not an option here'],
  [
    'several',
    { bodyLimit: -1, realm: 'a"b', jwtTypes: 'x', decorators: 5 },
    "jwtTypes must be one of 'any', 'at+jwt'; bodyLimit must be a positive whole number of bytes; realm " +
      'must be printable ASCII without quotes and backslashes; decorators must be a list of method ' +
      'decorators, and is 5',
  ],
  [
    'a string for a list of algorithms',
    { algorithms: 'RS256' },
    `algorithms must be a list of one or more of ${ALL}, and is a string`,
  ],
  [
    'no algorithm at all',
    { algorithms: [] },
    `algorithms must be a list of one or more of ${ALL}, and is an empty list`,
  ],
  [
    'algorithms that are none for tokens',
    { algorithms: ['HS256', 'ES256', 'none', null] },
    `algorithms has HS256, none, null, which is not one of ${ALL}`,
  ],
  [
    'a string for a list of aliases',
    { issuerAliases: 'https://old.example/' },
    'issuerAliases must be a list of issuer identifiers, and is a string',
  ],
  [
    'null for a list of aliases',
    { issuerAliases: null },
    'issuerAliases must be a list of issuer identifiers, and is null',
  ],
  ['an empty alias', { issuerAliases: [''] }, 'issuerAliases[0] must be an issuer identifier'],
  [
    'a string for a list of proxies',
    { trustedProxies: '10.0.0.0/8' },
    'trustedProxies must be a list of addresses and CIDR blocks (a string)',
  ],
  [
    'a proxy that has no address',
    { trustedProxies: ['10.0.0.1', 'proxy'] },
    'trustedProxies must be a list of addresses and CIDR blocks (invalid IP address: proxy)',
  ],
  [
    'a URL for keys',
    { jwks: 'https://sts.example/jwks' },
    `jwks must be ${SOURCE}, and is a string`,
  ],
  ['null for keys', { jwks: null }, `jwks must be ${SOURCE}, and is null`],
  ['a list of keys', { jwks: [{ kty: 'EC' }] }, `jwks must be ${SOURCE}, and is a list`],
  [
    'one key for keys',
    { jwks: { kty: 'EC', d: 'secret' } },
    `jwks must be ${SOURCE}, and is one key: put it into the list of a set, { keys: [key] }`,
  ],
  [
    'a misspelt URL',
    { jwks: { uri: 'https://sts.example/jwks' } },
    `jwks must be ${SOURCE}, and is not a JWK Set; "jwks.uri" is not an option here (did you mean "jwks.url"?)`,
  ],
  [
    'misspelt keys',
    { jwks: { kees: [] } },
    `jwks must be ${SOURCE}, and is not a JWK Set; "jwks.kees" is not an option here (did you mean "jwks.keys"?)`,
  ],
  [
    'keys that are no list',
    { jwks: { keys: {} } },
    'jwks.keys must be a list of keys: it is not a JWK Set',
  ],
  [
    'a file and a URL',
    { jwks: { file: 'a', url: 'https://sts.example/' } },
    'jwks must have one of file, url, and has several',
  ],
  ['an empty file name', { jwks: { file: '' } }, 'jwks.file must be the path of a file'],
  [
    'a misspelt member beside a file',
    { jwks: { file: 'a', cacheMaxAge: 1 } },
    '"jwks.cacheMaxAge" is not an option here',
  ],
  ['a URL that is none', { jwks: { url: 'nowhere' } }, `jwks.url ${URL_RULE}`],
  ['the URL of a file', { jwks: { url: 'file:///etc/jwks.json' } }, `jwks.url ${URL_RULE}`],
  [
    'a URL with credentials',
    { jwks: { url: 'https://user:s3cret@sts.example/' } },
    `jwks.url ${URL_RULE}`,
  ],
  [
    'numbers of a URL',
    withUrl({ cacheMaxAge: -1, cooldown: NaN, timeout: 0, staleFor: '1' }),
    'jwks.cacheMaxAge must be a number of seconds, 0 or more; jwks.cooldown must be a number of seconds, ' +
      '0 or more; jwks.timeout must be a number of seconds above 0, up to 3600; jwks.staleFor must be a ' +
      'number of seconds, 0 or more',
  ],
  [
    'a misspelt member beside a URL',
    withUrl({ staleFr: 5 }),
    '"jwks.staleFr" is not an option here (did you mean "jwks.staleFor"?)',
  ],
  [
    'no list of trusted issuers',
    { trustedIssuers: { issuer: OTHER } },
    'trustedIssuers must be a list of { issuer, jwks }, and is an object',
  ],
  [
    'trusted issuers without keys, misspelt, and none',
    trusting({ issuer: OTHER }, { isuer: OTHER, jwks: { uri: 'x' } }, OTHER),
    `trustedIssuers[0].jwks must be ${SOURCE}, and is undefined; "trustedIssuers[1].isuer" is not an option ` +
      'here (did you mean "trustedIssuers[1].issuer"?); trustedIssuers[1].issuer must be an issuer ' +
      `identifier; trustedIssuers[1].jwks must be ${SOURCE}, and is not a JWK Set; "trustedIssuers[1].jwks.uri" ` +
      'is not an option here (did you mean "trustedIssuers[1].jwks.url"?); trustedIssuers[2] must be ' +
      '{ issuer, jwks }, and is a string',
  ],
  [
    'an issuer twice',
    trusting({ issuer: ISSUER, jwks: { keys: [] } }),
    `the issuer ${ISSUER} is named twice`,
  ],
  ['jwtTypes', { jwtTypes: 'jwt' }, "jwtTypes must be one of 'any', 'at+jwt'"],
  ['unknownHints', { unknownHints: 'maybe' }, "unknownHints must be one of 'reject', 'ignore'"],
  [
    'unrecognizedTokens',
    { unrecognizedTokens: null },
    "unrecognizedTokens must be one of 'inactive', 'error'",
  ],
  [
    'bodyLimit as text',
    { bodyLimit: '64kb' },
    'bodyLimit must be a positive whole number of bytes',
  ],
  [
    'readTimeout in parts',
    { readTimeout: 0.5 },
    'readTimeout must be a whole number of milliseconds from 1 to 60000',
  ],
  [
    'realm as a number',
    { realm: 5 },
    'realm must be printable ASCII without quotes and backslashes',
  ],
  ['limits that are on', { limits: true }, 'limits must be false or an object, and is a boolean'],
  [
    'limits that are a list',
    { limits: [] },
    'limits must be false or an object, and is an empty list',
  ],
  [
    'every limit',
    {
      limits: { failuresPerClient: 0, window: 1.5, unknownTokens: 2, delay: 1e6, store: 'x', y: 1 },
    },
    '"limits.y" is not an option here; limits.failuresPerClient must be a positive whole number; ' +
      'limits.window must be whole seconds from 1 to 86400; limits.unknownTokens must be a share from 0 to ' +
      "1; limits.delay must be milliseconds from 0 to 10000; limits.store must be 'memory', 'postgres' or " +
      '{ redis: a connected client }',
  ],
  [
    'a misspelt limit',
    { limits: { windw: 60 } },
    '"limits.windw" is not an option here (did you mean "limits.window"?)',
  ],
  [
    'limits that have names of every object',
    { limits: { constructor: 1, toString: 2, ['__proto__']: 3 } },
    '"limits.constructor" is not an option here; "limits.toString" is not an option here; ' +
      '"limits.__proto__" is not an option here',
  ],
  ['a path that is a URL', { path: 'https://x/introspect' }, PATH_RULE],
  ['a path with a query', { path: 'introspect?x' }, PATH_RULE],
  [
    'decorators that are none',
    { decorators: ['Public'] },
    'decorators[0] must be a method decorator',
  ],
  [
    'a decorator alone',
    { decorators: SetMetadata('isPublic', true) },
    'decorators must be a list of method decorators, and is a function',
  ],
  [
    'a decorator that is not called',
    {
      decorators: [
        function Public() {
          return SetMetadata('isPublic', true);
        },
      ],
    },
    'Public in decorators returns a decorator and is none: call it',
  ],
  [
    'a module alone',
    { imports: class SomeModule {} },
    'imports must be a list of modules, and is a function',
  ],
  [
    'providers that are none',
    {
      providers: [
        undefined,
        { provide: undefined, useValue: 1 },
        { provide: 'x', useClass: undefined },
      ],
    },
    'providers[0] must be a provider, and is undefined; providers[1] must have an injection token under ' +
      'provide; providers[2] must have useClass, useValue, useFactory or useExisting',
  ],
  [
    'null for the data source',
    { dataSource: null },
    'dataSource must be an injection token, and is null',
  ],
  [
    'a data source itself',
    { dataSource: new DataSource({ type: 'postgres' }) },
    'dataSource must be an injection token, and is a data source: name the token that Nest provides it under',
  ],
  ['isGlobal as text', { isGlobal: 'true' }, 'isGlobal must be one of true, false'],
];

const start = (options: unknown) =>
  createHost('express', { introspection: options as object, dataSource: {} as DataSource });

describe('Options that are wrong fail at start, all in one message', () => {
  it.each(WRONG)('%s', async (_what, options, faults) => {
    const path = typeof options['path'] === 'string' ? ` for the path '${options['path']}'` : '';
    const message = `IntrospectionModule options${path}: ${faults}.`;
    const starting = async () => start({ issuer: ISSUER, ...options });
    await expect(starting()).rejects.toThrow(new Error(message));
  });

  it('a file that is not there', async () => {
    const jwks = { file: '/no/such/file' };
    await expect(start({ jwks })).rejects.toThrow(/file \/no\/such\/file cannot be used/);
  });

  it('the message names the path of the module, and no value that may be a secret', async () => {
    const secret = createHmac('sha256', 'x').digest('hex');
    const options = {
      path: 'b/introspect',
      jwks: secret,
      realm: `"${secret}`,
      issuerAliases: secret,
    };
    const failure = await start(options).catch((error: unknown) => String(error));
    expect(failure).toMatch(/options for the path 'b\/introspect': .*issuerAliases.*jwks.*realm/);
    expect(failure).not.toContain(secret);
  });
});

describe('What stands in the place of options', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', ISSUER],
    ['a list', [{ issuer: ISSUER }]],
    ['a promise', Promise.resolve({ issuer: ISSUER })],
    ['a function', () => ({ issuer: ISSUER })],
  ])('forRoot says that it has got %s', (kind, options) => {
    const message =
      `IntrospectionModule.forRoot needs the options themselves, and has got ${kind}. Where they are known ` +
      'only later: forRootAsync({ useFactory }).';
    expect(() => IntrospectionModule.forRoot(options as never)).toThrow(new Error(message));
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'they must have one of useFactory, useClass and useExisting'],
    [
      'two factories',
      { useFactory: () => ({ issuer: ISSUER }), useExisting: 'config' },
      'they must have one of useFactory, useClass and useExisting',
    ],
    [
      'options beside the factory',
      { useFactory: () => ({ issuer: ISSUER }), issuer: ISSUER, usefactory: 1, pth: 'x' },
      '"issuer" is not an option here; "usefactory" is not an option here (did you mean "useFactory"?); ' +
        '"pth" is not an option here (did you mean "path"?)',
    ],
    [
      'what is no factory',
      { useFactory: { issuer: ISSUER }, inject: 'config' },
      'inject must be a list of injection tokens, and is a string; useFactory must be a function',
    ],
    ['what is no class', { useClass: 'Config' }, 'useClass must be a class'],
  ])('forRootAsync refuses %s', (_what, options, faults) => {
    const calling = () => IntrospectionModule.forRootAsync(options as never);
    expect(calling).toThrow(new Error(`IntrospectionModule options: ${faults}.`));
  });

  class Lacking {}
  it.each<[string, unknown, string]>([
    [
      'a factory that returns nothing',
      { useFactory: () => undefined },
      'they must be an object with an issuer, and are undefined',
    ],
    [
      'a factory that returns what stands beside it',
      { useFactory: async () => ({ issuer: ISSUER, path: 'x', isGlobal: true }) },
      '"path" stands beside the factory of the options; "isGlobal" stands beside the factory of the options',
    ],
    [
      'a class without the method',
      { useClass: Lacking },
      'Lacking must have a method createIntrospectionOptions()',
    ],
    [
      'a token of nothing',
      {
        useExisting: 'config',
        imports: [
          {
            module: class Config {},
            providers: [{ provide: 'config', useFactory: () => undefined }],
            exports: ['config'],
          },
        ],
      },
      'config must have a method createIntrospectionOptions()',
    ],
  ])('%s fails at start', async (_what, options, faults) => {
    const starting = NestFactory.createApplicationContext(
      IntrospectionModule.forRootAsync({
        ...(options as IntrospectionModuleAsyncOptions),
        dataSource: NO_DATA,
        imports: [...((options as IntrospectionModuleAsyncOptions).imports ?? []), NO_DATA_MODULE],
      }),
      { logger: false, abortOnError: false },
    );
    await expect(starting).rejects.toThrow(new Error(`IntrospectionModule options: ${faults}.`));
  });
});

const NO_DATA = 'no data';
const NO_DATA_MODULE = {
  module: class NoData {},
  providers: [{ provide: NO_DATA, useValue: {} }],
  exports: [NO_DATA],
};

describe('Any value in any option', () => {
  const NAMES = [
    'issuer',
    'issuerAliases',
    'jwks',
    'trustedIssuers',
    'algorithms',
    'jwtTypes',
    'unknownHints',
    'unrecognizedTokens',
    'bodyLimit',
    'readTimeout',
    'realm',
    'limits',
    'trustedProxies',
  ] satisfies (keyof IntrospectionOptions)[];
  const MEMBERS = [
    'keys',
    'file',
    'url',
    'cacheMaxAge',
    'timeout',
    'window',
    'store',
    'issuer',
    'jwks',
    'kty',
  ];
  const leaf = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>(
      undefined,
      NaN,
      Infinity,
      1n,
      Symbol('x'),
      () => {},
      new Date(0),
      new Map(),
    ),
    fc.constantFrom('RS256', '10.0.0.0/8', 'https://x.example/', 'memory', ISSUER, '__proto__'),
  );
  const object = fc.dictionary(fc.constantFrom(...MEMBERS, '__proto__', 'constructor'), leaf, {
    maxKeys: 3,
  });
  const value = fc.oneof(leaf, object, fc.array(fc.oneof(leaf, object), { maxLength: 3 }));

  it('works, or fails with a message that names the option', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), value, (name, given) => {
        const options = { issuer: ISSUER, [name]: given } as IntrospectionOptions;
        let settings: IntrospectionSettings;
        try {
          settings = new IntrospectionSettings(options);
        } catch (error) {
          expectNamed(error, name);
          return;
        }
        try {
          new ConfiguredKeySource(settings).onApplicationShutdown();
        } catch (error) {
          expect(String(error)).toMatch(/^Error: The JWK Set file .* cannot be used/s);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('of the module works, or fails with a message that names it', () => {
    const shape = ['path', 'decorators', 'imports', 'providers', 'dataSource', 'isGlobal'];
    fc.assert(
      fc.property(fc.constantFrom(...shape), value, (name, given) => {
        try {
          IntrospectionModule.forRoot({ issuer: ISSUER, [name]: given });
        } catch (error) {
          expectNamed(error, name);
        }
      }),
      { numRuns: 2000 },
    );
  });

  function expectNamed(error: unknown, name: string) {
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(TypeError);
    const message = String(error);
    expect(message).toMatch(/^Error: IntrospectionModule options/);
    const twice = ['issuer', 'issuerAliases', 'trustedIssuers'].includes(name);
    expect(message.includes(name) || (twice && /named twice/.test(message)), message).toBe(true);
  }
});
