import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../app/environment/environment.js';
import { blocks } from '../../scripts/samples.mjs';
import { FORM, ask, basic } from '../support/http.js';
import { directoryForTest, expectFailure, runServer, serverForTest } from '../support/programs.js';
import { tokenForTest } from '../support/workers.js';

/** Writes the file, in a folder of its own. */
async function configFile(content: unknown) {
  const folder = await directoryForTest();
  const file = join(folder, 'sts.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return { folder, file, CONFIG_FILE: file };
}

describe('CONFIG_FILE', () => {
  it('has every variable in the types of JSON, and paths from its own folder on', async () => {
    const { folder, CONFIG_FILE } = await configFile({
      DATABASE_URL: 'postgres://user:pa55word@database.example/x',
      DATABASE_POOL_SIZE: 3,
      DATA_DIR: 'data',
      HOST: '0.0.0.0',
      PORT: 8080,
      TLS_CERT_FILE: 'cert.pem',
      TLS_KEY_FILE: '/etc/key.pem',
      ALLOW_PLAIN_HTTP: true,
      PUBLISHED_ADDRESS: '127.0.0.1:80',
      METRICS_HOST: '::1',
      METRICS_PORT: 9464,
      ISSUER: 'https://sts.example.com',
      ISSUER_ALIASES: ['https://old.example.com'],
      JWKS_FILE: '../jwks.json',
      TRUSTED_ISSUERS: [{ issuer: 'https://a.example', jwks_file: 'a.json' }],
      ALGORITHMS: ['ES256'],
      JWT_TYPES: 'at+jwt',
      INTROSPECTION_PATH: '/oauth/introspect',
      UNKNOWN_HINTS: 'ignore',
      UNRECOGNIZED_TOKENS: 'error',
      BODY_LIMIT: 1e4,
      REALM: ' ours ',
      READ_TIMEOUT: 500,
      LIMITS: 'postgres',
      LIMITS_FAILURES_PER_CLIENT: 1,
      LIMITS_FAILURES_PER_ADDRESS: 2,
      LIMITS_WINDOW: 3,
      LIMITS_UNKNOWN_TOKENS: 0.4,
      LIMITS_DELAY: 5,
      TRUSTED_PROXIES: ['10.0.0.0/8'],
      WORKERS: 'auto',
      LOG_LEVEL: 'error',
    });
    const environment = readEnvironment({ CONFIG_FILE });
    expect(environment).toMatchObject({
      databaseUrl: 'postgres://user:pa55word@database.example/x',
      poolSize: 3,
      dataDir: join(folder, 'data'),
      host: '0.0.0.0',
      port: 8080,
      tls: { certFile: join(folder, 'cert.pem'), keyFile: '/etc/key.pem' },
      allowPlainHttp: true,
      publishedAddress: '127.0.0.1:80',
      metrics: { host: '::1', port: 9464 },
      issuer: 'https://sts.example.com',
      issuerAliases: ['https://old.example.com'],
      jwks: { file: join(folder, '..', 'jwks.json') },
      trustedIssuers: [{ issuer: 'https://a.example', jwks: { file: join(folder, 'a.json') } }],
      algorithms: ['ES256'],
      jwtTypes: 'at+jwt',
      introspectionPath: '/oauth/introspect',
      unknownHints: 'ignore',
      unrecognizedTokens: 'error',
      bodyLimit: 10_000,
      realm: ' ours ',
      readTimeout: 500,
      limits: {
        store: 'postgres',
        failuresPerClient: 1,
        failuresPerAddress: 2,
        window: 3,
        unknownTokens: 0.4,
        delay: 5,
      },
      trustedProxies: ['10.0.0.0/8'],
      logLevel: 'error',
    });
    expect(environment.workers).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['the environment comes first', { PORT: '1', REALM: ' a ' }, { port: 1, realm: 'a' }],
    ['what is empty there is not set', { PORT: '', REALM: ' ' }, { port: 2, realm: 'b' }],
  ])('%s', async (_, variables, expected) => {
    const { CONFIG_FILE } = await configFile({ PORT: 2, REALM: 'b', LOG_LEVEL: 'warn' });
    const environment = readEnvironment({ CONFIG_FILE, ...variables });
    expect(environment).toMatchObject({ ...expected, logLevel: 'warn' });
  });

  it.each<[string, unknown, string | RegExp]>([
    ['no JSON', 'PORT=3000', 'CONFIG_FILE: FILE is not JSON, line 1: a value is missing'],
    [
      'JSON with a fault',
      '{\n  "PORT": 3000,\n  "DATABASE_URL": "postgres://u:pa55word@h/d"\n  "HOST": "a"\n}',
      'CONFIG_FILE: FILE is not JSON, line 4: a comma or } is missing',
    ],
    [
      'white space that JSON does not have, as pages have it',
      '{\n"DATABASE_URL":\u00a0"pa55word"}',
      'CONFIG_FILE: FILE is not JSON, line 2: a value is missing',
    ],
    [
      'a variable twice',
      '{"PORT": 1,\n"PORT": 2}',
      'CONFIG_FILE: FILE is not JSON, line 2: a name stands there twice',
    ],
    ['an array', [], 'CONFIG_FILE: FILE must be one JSON object with the variables as its members'],
    ['null', null, 'CONFIG_FILE: FILE must be one JSON object'],
    ['nothing', '', 'CONFIG_FILE: FILE is not JSON, line 1: a value is missing'],
    [
      'a misspelt variable',
      { ALGORITHM: ['ES256'] },
      '"ALGORITHM" in FILE is not a variable of the server: did you mean ALGORITHMS?',
    ],
    [
      'a variable in lower case',
      { realm: 'a' },
      '"realm" in FILE is not a variable of the server: did you mean REALM?',
    ],
    ['another variable', { NODE_ENV: 'x' }, '"NODE_ENV" in FILE is not a variable of the server'],
    [
      'another file',
      { CONFIG_FILE: '/a' },
      'CONFIG_FILE in FILE names another file: one is enough',
    ],
    [
      'a number in quotes',
      { PORT: '3000' },
      'PORT in FILE must be a whole number from 0 to 65535, without quotes',
    ],
    ['a wrong number', { PORT: 1.5 }, /PORT in FILE must be a whole number from 0 to 65535\.$/],
    [
      'a boolean in quotes',
      { ALLOW_PLAIN_HTTP: 'true' },
      'ALLOW_PLAIN_HTTP in FILE must be true or false, without quotes',
    ],
    [
      'a list with commas',
      { TRUSTED_PROXIES: '10.0.0.0/8,::1' },
      'TRUSTED_PROXIES in FILE must be addresses or CIDR blocks, in a JSON array',
    ],
    [
      'no algorithm at all',
      { ALGORITHMS: [] },
      /ALGORITHMS in FILE must be some of .*, in a JSON array \(there is none\)/,
    ],
    ['null for a text', { REALM: null }, 'REALM in FILE must be printable ASCII'],
    ['a path that cannot be one', { JWKS_FILE: 'a\0b' }, 'JWKS_FILE in FILE must be a path'],
    [
      'JSON in a text',
      { TRUSTED_ISSUERS: '[]' },
      /TRUSTED_ISSUERS in FILE must be JSON: .*, without quotes/,
    ],
    [
      'an issuer without keys',
      { TRUSTED_ISSUERS: [{ issuer: 'a' }] },
      '(number 1 must have one of "jwks_uri" and "jwks_file")',
    ],
    ['keys at two places', { JWKS_FILE: 'a', JWKS_URI: 'https://a' }, 'must not be set together'],
  ])('is refused with %s', async (_, content, message) => {
    const { file, CONFIG_FILE } = await configFile(content);
    let said = '';
    try {
      readEnvironment({ CONFIG_FILE });
    } catch (error) {
      said = (error as Error).message.replaceAll(file, 'FILE');
    }
    expect(said).toMatch(/^Environment: /);
    expect(said).toMatch(message);
    expect(said).not.toContain('pa55word');
  });

  it('may begin with a byte order mark, as some editors write it', async () => {
    const { CONFIG_FILE } = await configFile('\ufeff{"PORT": 2}');
    expect(readEnvironment({ CONFIG_FILE })).toMatchObject({ port: 2 });
  });

  it('is refused in one line together with what is wrong in the environment', async () => {
    const { folder, CONFIG_FILE } = await configFile({ PORT: 'pa55word', REALMS: 'pa55word' });
    const outcome = await runServer([], { CONFIG_FILE, HOST: 'pa55 word' });
    expectFailure(outcome, /^Environment: HOST must.*; PORT in .*sts\.json must.*"REALMS" in /);
    expect(outcome.stderr).not.toMatch(/pa55/);

    const missing = join(folder, 'missing.json');
    const other = await runServer([], { CONFIG_FILE: missing, HOST: 'a b' });
    expectFailure(
      other,
      /CONFIG_FILE: the file .*missing\.json cannot be read \(ENOENT.*; HOST must/,
    );
  });

  it('of docs is one that the server starts with', async () => {
    const { url, question } = await tokenForTest();
    const [block] = (await blocks()).filter(({ name }) => name === 'config-file');
    const { folder, file, CONFIG_FILE } = await configFile(block!.code);
    await mkdir(join(folder, 'keys'));
    for (const name of ['jwks.json', 'partner.json']) {
      await writeFile(join(folder, 'keys', name), '{"keys":[]}');
    }
    expect(file).toBe(CONFIG_FILE);
    const server = await serverForTest({ CONFIG_FILE, DATABASE_URL: url });
    const path = '/oauth/introspect';
    expect((await ask(server.origin, { ...question, path })).json['active']).toBe(true);
    const headers = [...FORM, 'Authorization', basic('rs', 'wrong')];
    const refused = await ask(server.origin, { path, headers, body: 'token=x' });
    expect(refused.headers['www-authenticate']).toContain('realm="tokens"');
  });
});
