import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { DataSource } from 'typeorm';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../../src/index.js';
import { OpaqueTokenEntity } from '../../src/schema/opaque-token.entity.js';
import { tokenDigest } from '../../src/tokens/opaque-token.js';
import { freshDatabase } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import { cliJson, expectFailure, runCli, startServer } from '../support/programs.js';
import type { ServerProcess, Variables } from '../support/programs.js';

const AUDIENCE = 'https://protected.example';
const ISSUER = 'https://sts.example';

interface Issued {
  access_token: string;
  token_type: string;
  expires_in: number;
}

let dataSource: DataSource;
let directory: string;
let variables: Variables;
let server: ServerProcess;
let authorization: string;
beforeAll(async () => {
  const database = await freshDatabase();
  dataSource = database.dataSource;
  directory = await mkdtemp(join(tmpdir(), 'introspection-test-'));
  variables = {
    DATABASE_URL: database.url,
    ISSUER,
    JWKS_FILE: join(directory, 'keys.json'),
  };
  await cliJson(['keys', 'generate', '--out', variables['JWKS_FILE']!], {});
  const clients = new TypeOrmClientRepository(dataSource);
  await clients.create({ clientId: 'app' });
  const rs = await clients.create({ clientId: 'rs', audiences: [AUDIENCE] });
  authorization = basic('rs', rs.clientSecret);
  server = await startServer(variables);
});
afterAll(async () => {
  await server.stop();
  await dataSource.destroy();
  await rm(directory, { recursive: true });
});

const issue = (...args: string[]) =>
  cliJson<Issued>(['token', 'issue', '--client', 'app', ...args], variables);
const introspect = async (token: string) => {
  const body = new URLSearchParams({ token }).toString();
  const answer = await ask(server.origin, {
    headers: [...FORM, 'Authorization', authorization],
    body,
  });
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
};

describe.each(['opaque', 'jwt'])('token issue --format %s', (format) => {
  it('is active at the server, and means what was said', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { access_token, ...rest } = await issue(
      ...[
        ['--format', format, '--sub', 'alice', '--username', 'Alice A.', '--scope', 'read write'],
        ['--audience', AUDIENCE, '--audience', 'https://other.example', '--expires-in', '600'],
        ['--claims', '{"acr":"gold","act":{"sub":"agent"}}'],
        ['--extended-claims', '{"tenant":{"id":7}}'],
      ].flat(),
    );
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 600 });
    const answer = await introspect(access_token);
    expect(answer).toMatchObject({
      active: true,
      client_id: 'app',
      sub: 'alice',
      username: 'Alice A.',
      scope: 'read write',
      aud: [AUDIENCE, 'https://other.example'],
      iss: ISSUER,
      token_type: 'Bearer',
      acr: 'gold',
      act: { sub: 'agent' },
      extended_claims: { tenant: { id: 7 } },
    });
    const { iat, exp } = answer as { iat: number; exp: number };
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(iat).toBeLessThanOrEqual(Date.now() / 1000);
    expect(exp).toBe(iat + 600);
    expect(answer).not.toHaveProperty('nbf');
  });

  it('is inactive right after token revoke', async () => {
    const { access_token } = await issue('--format', format);
    expect((await introspect(access_token))['active']).toBe(true);
    const revoke = () => cliJson(['token', 'revoke', access_token], variables);
    expect(await revoke()).toEqual({ revoked: true, format });
    expect(await introspect(access_token)).toEqual({ active: false });
    expect(await revoke()).toEqual({ revoked: true, format });
  });

  it('has defaults: an hour, at once, for everybody', async () => {
    const { access_token, expires_in } = await issue('--format', format);
    expect(expires_in).toBe(3600);
    const answer = await introspect(access_token);
    expect(answer).toMatchObject({ active: true, extended_claims: {} });
    expect(answer).not.toHaveProperty('aud');
    expect(answer).not.toHaveProperty('scope');
  });

  it('--not-before: is not active yet', async () => {
    const { access_token } = await issue('--format', format, '--not-before', '3000');
    expect(await introspect(access_token)).toEqual({ active: false });
  });

  it('--claims with cnf: is bound to a key', async () => {
    const { access_token, token_type } = await issue(
      '--format',
      format,
      '--claims',
      '{"cnf":{"jkt":"thumbprint"}}',
    );
    expect(token_type).toBe('DPoP');
    expect(await introspect(access_token)).toMatchObject({
      token_type: 'DPoP',
      cnf: { jkt: 'thumbprint' },
    });
  });

  it('prints the token alone for a person', async () => {
    const args = ['token', 'issue', '--client', 'app', '--format', format];
    const { stdout } = await runCli(args, variables);
    expect(await introspect(stdout.trimEnd())).toMatchObject({ active: true });
  });
});

describe('token issue', () => {
  it('makes a JWT as RFC 9068 has it', async () => {
    const { access_token } = await issue('--format', 'jwt');
    expect(decodeProtectedHeader(access_token)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: expect.any(String),
    });
    expect(decodeJwt(access_token)).toEqual({
      iss: ISSUER,
      client_id: 'app',
      sub: 'app',
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it.each(['RS256', 'PS256', 'EdDSA'])('signs with a key for %s', async (alg) => {
    const file = join(directory, `${alg}.json`);
    await cliJson(['keys', 'generate', '--alg', alg, '--out', file], {});
    const { access_token } = await cliJson<Issued>(
      ['token', 'issue', '--client', 'app', '--format', 'jwt'],
      { ...variables, JWKS_FILE: file },
    );
    expect(decodeProtectedHeader(access_token).alg).toBe(alg);
  });

  it.each([
    [['--client', 'nobody'], /There is no client "nobody"/],
    [['--client', 'nobody', '--format', 'jwt'], /There is no client "nobody"/],
    [['--client', 'app', '--format', 'saml'], /--format.*opaque, jwt/],
    [['--client', 'app', '--claims', 'x'], /--claims.*must be a JSON object/],
    [['--client', 'app', '--claims', '["x"]'], /--claims.*must be a JSON object/],
    [['--client', 'app', '--claims', '{"a":1,"a":2}'], /--claims.*no member twice/],
    [['--client', 'app', '--claims', '{"sub":"x","exp":1}'], /--claims must not have sub, exp/],
    [['--client', 'app', '--claims', '{"active":false}'], /--claims must not have active/],
    [['--client', 'app', '--claims', '{"cnf":"x"}'], /cnf must be an object/],
    [['--client', 'app', '--extended-claims', '7'], /--extended-claims.*must be a JSON object/],
    [['--client', 'app', '--expires-in', 'soon'], /--expires-in.*whole number, at least 1/],
    [['--client', 'app', '--expires-in', '0'], /--expires-in.*whole number, at least 1/],
    [['--client', 'app', '--expires-in', '1.5'], /--expires-in.*whole number, at least 1/],
    [['--client', 'app', '--not-before', '-1'], /--not-before.*whole number, at least 0/],
    [['--client', 'app', '--not-before', '3600'], /--not-before must be less than --expires-in/],
  ])('%j fails in one line', async (args, message) => {
    expectFailure(await runCli(['token', 'issue', ...args, '--json'], variables), message);
  });

  it.each([
    ['no key file', undefined, /set JWKS_FILE/],
    ['a key file that is not there', 'nowhere.json', /nowhere\.json cannot be read/],
    [
      'public keys alone',
      '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y"}]}',
      /no private key/,
    ],
    [
      'a private key that is not for signing',
      '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"priv4te","key_ops":["deriveKey"]}]}',
      /no private key/,
    ],
    [
      'a broken key',
      '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"priv4te"}]}',
      /cannot sign/,
    ],
    ['no key set', '{"d":"priv4te"}', /not a JWK Set/],
    [
      'a key that is to sign later',
      '{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","d":"priv4te","nbf":9000000000}]}',
      /no private key in .* that signs yet/,
    ],
  ])('--format jwt with %s fails in one line', async (_, content, message) => {
    const file = join(directory, content?.endsWith('.json') ? content : 'broken.json');
    if (content?.startsWith('{')) await writeFile(file, content);
    const outcome = await runCli(['token', 'issue', '--client', 'app', '--format', 'jwt'], {
      ...variables,
      JWKS_FILE: content === undefined ? '' : file,
    });
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toContain('priv4te');
  });
});

describe('token issue of a JWT that the server would not believe', () => {
  it('is refused with the reason: its algorithm is not allowed there', async () => {
    const args = ['token', 'issue', '--client', 'app', '--format', 'jwt'];
    expectFailure(
      await runCli(args, { ...variables, ALGORITHMS: 'RS256' }),
      /would not believe a token of the issuer https:\/\/sts\.example .*\(algorithm_not_allowed\)/,
    );
  });

  it('is refused with the reason: nothing verifies it', async () => {
    const file = join(directory, 'mismatched.json');
    const pair = async () => {
      const args = ['keys', 'generate', '--alg', 'RS256'];
      return (await cliJson<{ keys: Record<string, unknown>[] }>(args, {})).keys[0]!;
    };
    // With the modulus of another key it signs, and nothing verifies it.
    const [one, { n }] = [await pair(), await pair()];
    await writeFile(file, JSON.stringify({ keys: [{ ...one, n }] }));
    const args = ['token', 'issue', '--client', 'app', '--format', 'jwt'];
    expectFailure(
      await runCli(args, { ...variables, JWKS_FILE: file }),
      /would not believe a token of the issuer https:\/\/sts\.example that is signed with this key \(bad_signature\)/,
    );
  });
});

describe('token revoke', () => {
  it('reads the token from stdin, so that no process list has it', async () => {
    const { access_token } = await issue();
    const { code, stdout } = await runCli(['token', 'revoke', '-'], variables, `${access_token}\n`);
    expect(code).toBe(0);
    expect(stdout).toBe('The token is revoked.\n');
    expect(await introspect(access_token)).toEqual({ active: false });
  });

  it.each(['-hjson', '--json-like', '-', '--help-me'])(
    'takes a token that starts as %s',
    async (start) => {
      const token = `${start}${'x'.repeat(30)}`;
      await dataSource.manager.insert(OpaqueTokenEntity, {
        tokenHash: tokenDigest(token),
        clientId: 'app',
        exp: 4e9,
      });
      expect((await introspect(token))['active']).toBe(true);
      expect(await cliJson(['token', 'revoke', token], variables)).toMatchObject({ revoked: true });
      expect(await introspect(token)).toEqual({ active: false });
    },
  );

  it.each([
    ['an unknown token', 'unknown-t0ken'],
    ['a JWT without an issuer', `${part({ alg: 'ES256' })}.${part({ jti: 't0ken' })}.AAAA`],
    ['a JWT whose claims are malformed', `${part({})}.${part({ iss: ISSUER, exp: 't0ken' })}.AAAA`],
    ['an encrypted JWT', `${part({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    ['nothing', ''],
  ])('refuses %s, and does not repeat it', async (_, token) => {
    const outcome = await runCli(['token', 'revoke', token, '--json'], variables);
    expectFailure(outcome, /neither an opaque token that is known here nor a JSON Web Token/);
    expect(outcome.stderr).not.toContain('t0ken');
  });
});

describe('token revoke of a JWT', () => {
  const ends = () =>
    dataSource.query<{ exp: string | null }[]>(
      'SELECT exp FROM revoked_jwt ORDER BY revoked_at DESC',
    );

  it('D21 is kept until the end that this server has signed', async () => {
    // Beyond the month that it is kept in any case.
    const { access_token } = await issue('--format', 'jwt', '--expires-in', '3456000');
    await cliJson(['token', 'revoke', access_token], variables);
    expect((await ends())[0]).toEqual({ exp: String(decodeJwt(access_token).exp) });
  });

  it.each<[string, Variables]>([
    ['the key file is not there', { JWKS_FILE: '/no/such/file' }],
    ['the keys cannot be fetched', { JWKS_FILE: '', JWKS_URI: 'http://127.0.0.1:1/jwks' }],
    [
      'the keys would be fetched from another machine',
      { JWKS_FILE: '', JWKS_URI: 'http://jwks.invalid/' },
    ],
    ['there are no keys', { JWKS_FILE: '' }],
  ])('D21 works when %s, and is then kept for ever', async (_what, others) => {
    const { access_token } = await issue('--format', 'jwt');
    expect((await introspect(access_token))['active']).toBe(true);
    expect(await cliJson(['token', 'revoke', access_token], { ...variables, ...others })).toEqual({
      revoked: true,
      format: 'jwt',
    });
    expect((await ends())[0]).toEqual({ exp: null });
    expect(await introspect(access_token)).toEqual({ active: false });
  });
});

describe('token purge', () => {
  it('deletes what has expired, in batches, and nothing else', async () => {
    const tokens = new TypeOrmOpaqueTokenRepository(dataSource);
    for (let i = 0; i < 5; i++) await tokens.issue({ clientId: 'app', exp: 1000 + i });
    const forEver = await tokens.issue({ clientId: 'app' });
    const { access_token: live } = await issue();
    // One whose end is signed, as it has no jti, and one whose end nobody has signed.
    for (const claims of [{ exp: 1000 }, { jti: 'old', exp: 1000 }]) {
      const expired = `${part({ alg: 'ES256' })}.${part({ iss: ISSUER, ...claims })}.AAAA`;
      await cliJson(['token', 'revoke', expired], variables);
    }
    const { access_token: revoked } = await issue('--format', 'jwt');
    await cliJson(['token', 'revoke', revoked], variables);

    expect(await cliJson(['token', 'purge', '--batch', '2'], variables)).toEqual({
      opaque_tokens: 5,
      revoked_jwts: 1,
    });
    for (const token of [live, forEver]) expect((await introspect(token))['active']).toBe(true);
    expect(await introspect(revoked)).toEqual({ active: false });
    const { stdout, stderr } = await runCli(['token', 'purge'], variables);
    expect(stdout).toBe('Deleted 0 opaque tokens and 0 revocations of JWTs.\n');
    // No progress bar where nobody watches.
    expect(stderr).toBe('');
  });

  it.each(['0', 'all', '-5'])('refuses --batch %s', async (batch) => {
    const outcome = await runCli(['token', 'purge', '--batch', batch], variables);
    expectFailure(outcome, /--batch.*whole number, at least 1/);
  });

  it('does not run twice at once', async () => {
    const other = dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query("SELECT pg_advisory_xact_lock(7662, 'opaque_token'::regclass::oid::int)");
    const outcome = await runCli(['token', 'purge'], variables);
    await other.rollbackTransaction();
    await other.release();
    expectFailure(outcome, /Another purge is at work/);
  });
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
