import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../app/environment/environment.js';
import { introspectionOptions } from '../../app/environment/introspection-options.js';
import { VARIABLES } from '../../app/environment/variables.js';
import { ALGORITHMS } from '../../src/config/algorithms.js';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { expectFailure, runCli, runServer, serverForTest } from '../support/programs.js';
import { tokenForTest } from '../support/workers.js';

const DATABASE_URL = 'postgres://user:password@database.example/introspection';

const LIMITS = {
  store: 'memory',
  failuresPerClient: 20,
  failuresPerAddress: 100,
  window: 300,
  unknownTokens: 0.5,
  delay: 1000,
};

const TRUSTED = [
  { issuer: 'https://a.example', jwks_uri: 'https://a.example/jwks' },
  { issuer: 'legacy', jwks_file: '/legacy.json' },
];

/** What stands in environments for other programs. */
const OTHERS = [
  'PATH HOME HOSTNAME PWD USER SHELL LANG TERM TMPDIR',
  'NODE_ENV NODE_OPTIONS PGHOST PGPORT PGUSER PGPASSWORD POSTGRES_PASSWORD STS_ADDRESS HTTP_PROXY',
  'https_proxy SSL_CERT_FILE DATABASE_HOST npm_config_cache CI PUBLIC_JWKS_FILE DEMO_AUDIENCE KUBERNETES_PORT STS_SERVICE_HOST',
].flatMap((line) => line.split(' '));

describe('the environment', () => {
  it('has a default for every variable', () => {
    expect(readEnvironment({})).toEqual({
      databaseUrl: undefined,
      poolSize: 10,
      readTimeout: 2000,
      workers: 1,
      dataDir: resolve('.data'),
      host: '127.0.0.1',
      port: 3000,
      tls: undefined,
      allowPlainHttp: false,
      publishedAddress: undefined,
      metrics: undefined,
      issuer: 'http://localhost:3000',
      issuerAliases: [],
      jwks: undefined,
      trustedIssuers: [],
      algorithms: ALGORITHMS,
      jwtTypes: 'any',
      introspectionPath: '/introspect',
      unknownHints: 'reject',
      unrecognizedTokens: 'inactive',
      bodyLimit: 65_536,
      realm: 'introspection',
      limits: LIMITS,
      trustedProxies: [],
      docs: true,
      logLevel: 'info',
      warnings: [],
    });
  });

  it('has the defaults of the module', () => {
    const options = introspectionOptions(readEnvironment({ DATABASE_URL }));
    const byDefault = new IntrospectionSettings({ issuer: options.issuer });
    expect(new IntrospectionSettings(options)).toEqual(byDefault);
  });

  it.each(Object.entries(VARIABLES).filter(([, variable]) => 'default' in variable))(
    'takes the default of %s when it is written out',
    (name, variable) => {
      const { default: value } = variable as { default: unknown };
      expect(readEnvironment({ [name]: [value].join() })).toEqual(readEnvironment({}));
    },
  );

  it.each([
    [{ PORT: '8080' }, { port: 8080, issuer: 'http://localhost:8080' }],
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: ' 8080 ' }, { port: 8080 }],
    [{ PORT: '' }, { port: 3000 }],
    [{ HOST: '0.0.0.0' }, { host: '0.0.0.0' }],
    [{ HOST: '::1' }, { host: '::1' }],
    [
      { TLS_CERT_FILE: '/cert.pem', TLS_KEY_FILE: '/key.pem' },
      { tls: { certFile: '/cert.pem', keyFile: '/key.pem' } },
    ],
    [{ ALLOW_PLAIN_HTTP: 'true' }, { allowPlainHttp: true }],
    [{ ALLOW_PLAIN_HTTP: 'false' }, { allowPlainHttp: false }],
    [{ PUBLISHED_ADDRESS: '[::1]:3000' }, { publishedAddress: '[::1]:3000' }],
    [{ METRICS_PORT: '9464' }, { metrics: { host: '127.0.0.1', port: 9464 } }],
    [{ METRICS_PORT: '0', METRICS_HOST: '0.0.0.0' }, { metrics: { host: '0.0.0.0', port: 0 } }],
    [{ METRICS_HOST: '0.0.0.0' }, { metrics: undefined }],
    [{ DATABASE_URL }, { databaseUrl: DATABASE_URL }],
    [{ DATABASE_URL: 'postgresql://h/d?sslmode=require' }, {}],
    [{ DATABASE_URL, NODE_ENV: 'production' }, { databaseUrl: DATABASE_URL }],
    [{ DATABASE_POOL_SIZE: '3' }, { poolSize: 3 }],
    [{ READ_TIMEOUT: '500' }, { readTimeout: 500 }],
    [{ WORKERS: '64' }, { workers: 64 }],
    [{ WORKERS: 'auto' }, { workers: Math.min(availableParallelism(), 64) }],
    [{ DATA_DIR: '/data' }, { dataDir: '/data' }],
    [{ ISSUER: 'https://sts.example.com/a' }, { issuer: 'https://sts.example.com/a' }],
    [{ JWKS_FILE: '/keys.json' }, { jwks: { file: '/keys.json' } }],
    [{ JWKS_URI: 'https://a.example/jwks' }, { jwks: { url: 'https://a.example/jwks' } }],
    [
      { ISSUER_ALIASES: 'https://old.example, older' },
      { issuerAliases: ['https://old.example', 'older'] },
    ],
    [
      { TRUSTED_ISSUERS: JSON.stringify(TRUSTED) },
      {
        trustedIssuers: [
          { issuer: 'https://a.example', jwks: { url: 'https://a.example/jwks' } },
          { issuer: 'legacy', jwks: { file: '/legacy.json' } },
        ],
      },
    ],
    [{ ALGORITHMS: 'ES256,EdDSA' }, { algorithms: ['ES256', 'EdDSA'] }],
    [{ JWT_TYPES: 'at+jwt' }, { jwtTypes: 'at+jwt' }],
    [
      { INTROSPECTION_PATH: '/oauth2/v1.0/Introspect' },
      { introspectionPath: '/oauth2/v1.0/Introspect' },
    ],
    [{ INTROSPECTION_PATH: '/healthy' }, { introspectionPath: '/healthy' }],
    [{ UNKNOWN_HINTS: 'ignore' }, { unknownHints: 'ignore' }],
    [{ UNRECOGNIZED_TOKENS: 'error' }, { unrecognizedTokens: 'error' }],
    [{ BODY_LIMIT: '1048576' }, { bodyLimit: 1_048_576 }],
    [{ REALM: 'our tokens' }, { realm: 'our tokens' }],
    [{ LIMITS: 'postgres' }, { limits: { ...LIMITS, store: 'postgres' } }],
    [{ LIMITS: 'off', LIMITS_DELAY: '5' }, { limits: false }],
    [{ LIMITS_FAILURES_PER_CLIENT: '1' }, { limits: { ...LIMITS, failuresPerClient: 1 } }],
    [{ LIMITS_FAILURES_PER_ADDRESS: '7' }, { limits: { ...LIMITS, failuresPerAddress: 7 } }],
    [{ LIMITS_WINDOW: '86400' }, { limits: { ...LIMITS, window: 86_400 } }],
    [{ LIMITS_UNKNOWN_TOKENS: '0.25' }, { limits: { ...LIMITS, unknownTokens: 0.25 } }],
    [{ LIMITS_DELAY: '0' }, { limits: { ...LIMITS, delay: 0 } }],
    [
      { TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8,192.0.2.1' },
      { trustedProxies: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'] },
    ],
    [{ DATABASE_URL, NODE_ENV: 'production' }, { docs: false }],
    [{ DATABASE_URL, NODE_ENV: 'production', DOCS: 'true' }, { docs: true }],
    [{ DOCS: 'false' }, { docs: false }],
    [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
  ])('takes %j', (variables, expected) => {
    expect(readEnvironment(variables)).toMatchObject(expected);
  });

  it.each([
    [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '65536' }, 'PORT must be'],
    [{ PORT: '-1' }, 'PORT must be'],
    [{ PORT: '80.5' }, 'PORT must be'],
    [{ PORT: '1e3' }, 'PORT must be'],
    [{ HOST: 'a b' }, 'HOST must be an IP address or a host name'],
    [{ HOST: 'http://localhost' }, 'HOST must be'],
    [{ TLS_CERT_FILE: 'a' }, 'TLS_CERT_FILE and TLS_KEY_FILE must be set together'],
    [{ TLS_KEY_FILE: 'a' }, 'TLS_CERT_FILE and TLS_KEY_FILE must be set together'],
    [{ ALLOW_PLAIN_HTTP: 'yes' }, 'ALLOW_PLAIN_HTTP must be true or false'],
    [{ PUBLISHED_ADDRESS: 'a b' }, 'PUBLISHED_ADDRESS must be an address and a port'],
    [{ METRICS_PORT: 'many' }, 'METRICS_PORT must be a whole number from 0 to 65535'],
    [{ METRICS_HOST: 'a b' }, 'METRICS_HOST must be an IP address or a host name'],
    [{ DATABASE_URL: 'localhost:5432' }, 'DATABASE_URL must be a postgres:// URL'],
    [{ DATABASE_URL: 'mysql://localhost/x' }, 'DATABASE_URL must be'],
    [{ NODE_ENV: 'production' }, 'DATABASE_URL must be set when NODE_ENV is production'],
    [{ DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE must be a whole number from 1 to 1000'],
    [{ READ_TIMEOUT: '0' }, 'READ_TIMEOUT must be a whole number of milliseconds from 1 to 10000'],
    [{ READ_TIMEOUT: '10001' }, 'READ_TIMEOUT must be'],
    [{ READ_TIMEOUT: '2s' }, 'READ_TIMEOUT must be'],
    [{ WORKERS: '0' }, 'WORKERS must be a whole number from 1 to 64, or auto'],
    [{ WORKERS: '65' }, 'WORKERS must be'],
    [{ WORKERS: '-1' }, 'WORKERS must be'],
    [{ WORKERS: '1.5' }, 'WORKERS must be'],
    [{ WORKERS: 'many' }, 'WORKERS must be'],
    [{ WORKERS: 'auto 2' }, 'WORKERS must be'],
    [{ ISSUER: 'sts' }, 'ISSUER must be an http:// or https:// URL'],
    [{ ISSUER: 'https://sts.example.com?a' }, 'ISSUER must be'],
    [{ ISSUER: 'https://sts.example.com/#a' }, 'ISSUER must be'],
    [{ JWKS_URI: 'file:///keys' }, 'JWKS_URI must be an http:// or https:// URL'],
    [
      { JWKS_URI: 'https://user:pa55word@a.example' },
      'JWKS_URI must be an http:// or https:// URL without a user or a password',
    ],
    [
      { TRUSTED_ISSUERS: '[{"issuer":"a","jwks_uri":"https://u:pa55word@a.example"}]' },
      '(number 1 has a "jwks_uri" that must be an http:// or https:// URL without a user or a password)',
    ],
    [
      { JWKS_FILE: 'a', JWKS_URI: 'https://a.example' },
      'JWKS_FILE and JWKS_URI must not be set together',
    ],
    [
      { ISSUER_ALIASES: 'https://a.example,,' },
      'ISSUER_ALIASES must be issuer identifiers, with commas between them (number 2 is not)',
    ],
    [{ ISSUER_ALIASES: 'http://localhost:3000' }, 'must not name one issuer twice'],
    [
      { TRUSTED_ISSUERS: 'https://a.example' },
      'TRUSTED_ISSUERS must be JSON: [{"issuer": "…", "jwks_uri": "…"}]',
    ],
    [{ TRUSTED_ISSUERS: '[1]' }, '(number 1 is no object)'],
    [
      { TRUSTED_ISSUERS: JSON.stringify([...TRUSTED, { jwks_uri: 'https://b.example' }]) },
      '(number 3 must have an "issuer", an issuer identifier)',
    ],
    [
      { TRUSTED_ISSUERS: '[{"issuer": "a"}]' },
      '(number 1 must have one of "jwks_uri" and "jwks_file")',
    ],
    [
      { TRUSTED_ISSUERS: '[{"issuer": "a", "jwks_uri": "https://a.example", "jwks_file": "b"}]' },
      'must have one of',
    ],
    [
      { TRUSTED_ISSUERS: '[{"issuer": "a", "jwks_uri": "a.example"}]' },
      '(number 1 has a "jwks_uri" that must be an http:// or https:// URL without a user or a password)',
    ],
    [
      { TRUSTED_ISSUERS: '[{"issuer": "a", "jwks_file": ""}]' },
      '(number 1 has a "jwks_file" that must be a path)',
    ],
    [
      { TRUSTED_ISSUERS: '[{"issuer": "a", "jwks_url": "https://a.example"}]' },
      '(number 1 must have no "jwks_url": did you mean "jwks_uri"?)',
    ],
    [{ TRUSTED_ISSUERS: '[{"issuer": "a", "keys": []}]' }, '(number 1 has another member)'],
    [
      { TRUSTED_ISSUERS: '[{"issuer": "a", "issuer": "b", "jwks_file": "c"}]' },
      'TRUSTED_ISSUERS must be',
    ],
    [
      { ISSUER: 'https://a.example', TRUSTED_ISSUERS: JSON.stringify(TRUSTED) },
      'ISSUER, ISSUER_ALIASES and TRUSTED_ISSUERS must not name one issuer twice',
    ],
    [
      { ALGORITHMS: 'ES256,HS256' },
      /ALGORITHMS must be some of RS256, .*, Ed25519, with commas between them \(number 2 is not\)/,
    ],
    [{ ALGORITHMS: 'es256' }, 'ALGORITHMS must be'],
    [{ JWT_TYPES: 'jwt' }, 'JWT_TYPES must be one of any, at+jwt'],
    [
      { INTROSPECTION_PATH: 'introspect' },
      'INTROSPECTION_PATH must be a path such as /oauth/introspect',
    ],
    ...[
      '/',
      '/a/',
      '//a',
      '/a//b',
      '/a/../b',
      '/:a',
      '/a*',
      '/a?b',
      '/a b',
      '/health',
      '/health/live',
      '/Health',
      '/docs',
      '/docs/a',
      '/metrics',
      '/openapi.json',
    ].map((path): [Record<string, string>, string] => [
      { INTROSPECTION_PATH: path },
      'INTROSPECTION_PATH must be',
    ]),
    [{ UNKNOWN_HINTS: 'ignored' }, 'UNKNOWN_HINTS must be one of reject, ignore'],
    [{ UNRECOGNIZED_TOKENS: 'active' }, 'UNRECOGNIZED_TOKENS must be one of inactive, error'],
    [{ BODY_LIMIT: '64k' }, 'BODY_LIMIT must be a whole number of bytes from 1 to 1048576'],
    [{ REALM: '"ours"' }, 'REALM must be printable ASCII without quotes and backslashes'],
    [
      { LIMITS_FAILURES_PER_CLIENT: '0' },
      'LIMITS_FAILURES_PER_CLIENT must be a whole number from 1 to 1000000',
    ],
    [{ LIMITS_FAILURES_PER_ADDRESS: 'many' }, 'LIMITS_FAILURES_PER_ADDRESS must be'],
    [{ LIMITS_WINDOW: '5m' }, 'LIMITS_WINDOW must be a whole number of seconds from 1 to 86400'],
    [
      { LIMITS_UNKNOWN_TOKENS: '50%' },
      'LIMITS_UNKNOWN_TOKENS must be a number from 0 to 1, such as 0.5',
    ],
    [{ LIMITS_UNKNOWN_TOKENS: '1.5' }, 'LIMITS_UNKNOWN_TOKENS must be'],
    [
      { LIMITS_DELAY: '10001' },
      'LIMITS_DELAY must be a whole number of milliseconds from 0 to 10000',
    ],
    [
      { DATABASE_URI: DATABASE_URL, NODE_ENV: 'production' },
      /DATABASE_URL must be set .*; DATABASE_URI is not a variable of the server: did you mean DATABASE_URL\?$/,
    ],
    [{ LIMITS: 'on' }, 'LIMITS must be one of memory, postgres, off'],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES must be addresses or CIDR blocks'],
    [{ TRUSTED_PROXIES: 'proxy.example' }, 'TRUSTED_PROXIES must be'],
    [{ TRUSTED_PROXIES: '10.0.0.1,,10.0.0.2' }, 'TRUSTED_PROXIES must be'],
    [{ DOCS: 'yes' }, 'DOCS must be true or false'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal'],
  ])('refuses %j', (variables, message) => {
    expect(() => readEnvironment(variables)).toThrow(message);
  });

  it('is refused in one line that names every variable that is wrong, and repeats no value', async () => {
    const outcome = await runServer([], {
      DATABASE_URL: 'mysql://user:pa55word@localhost/x',
      HOST: 'a b',
      PORT: 'eighty',
      ISSUER: 'sts',
      JWKS_FILE: 'x',
      JWKS_URI: 'y',
      DATABASE_POOL_SIZE: 'many',
      LOG_LEVEL: 'loud',
    });
    expectFailure(
      outcome,
      /^Environment: .*DATABASE_URL.*DATABASE_POOL_SIZE.*ISSUER.*JWKS_URI.*HOST.*PORT.*LOG_LEVEL.*JWKS_FILE and JWKS_URI/,
    );
    expect(outcome.stderr).not.toMatch(/pa55word|eighty|loud/);
  });
});

describe('a variable that is not ours', () => {
  it.each([
    ['ALGORITHM', 'ALGORITHMS'],
    ['ISSUERS', 'ISSUER'],
    ['ISUSER', 'ISSUER'],
    ['POTR', 'PORT'],
    ['port', 'PORT'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['LIMIT_FAILURE_PER_CLIENT', 'LIMITS_FAILURES_PER_CLIENT'],
    ['JWKS_URL', 'JWKS_URI'],
    ['CONFIGFILE', 'CONFIG_FILE'],
  ])('is named when it is near to ours: %s', (name, meant) => {
    expect(readEnvironment({ [name]: 'pa55word' }).warnings).toEqual([
      `${name} is not a variable of the server: did you mean ${meant}?`,
    ]);
  });

  it.each(OTHERS)('is none of our business when it is far from ours: %s', (name) => {
    expect(readEnvironment({ [name]: 'x', DATABASE_URL }).warnings).toEqual([]);
  });

  it('is named at start, at every LOG_LEVEL, and by the command', async () => {
    const variables = { DATABASE_URL: (await tokenForTest()).url, LOG_LEVELS: 'x', REALMS: 'x' };
    const said = [
      'LOG_LEVELS is not a variable of the server: did you mean LOG_LEVEL?',
      'REALMS is not a variable of the server: did you mean REALM?',
    ];
    const server = await serverForTest({ ...variables, LOG_LEVEL: 'silent' });
    const warnings = server.log().filter(({ level }) => level === 'warn');
    expect(warnings.map(({ msg }) => msg)).toEqual(said);
    const { code, stderr, stdout } = await runCli(['client', 'list', '--json'], variables);
    expect([code, stderr]).toEqual([0, `${said.join('\n')}\n`]);
    expect(JSON.parse(stdout)).toHaveProperty('clients');
  });
});
