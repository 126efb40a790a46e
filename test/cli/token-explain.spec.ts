import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import {
  TypeOrmClientRepository,
  TypeOrmJwtRevocationRepository,
  TypeOrmOpaqueTokenRepository,
  revocationHash,
} from '../../src/index.js';
import { INACTIVE_REASONS } from '../../src/model/inactive-reason.js';
import { freshDatabase } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import { base64url, sign, signUnder, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import { cliJson, eventually, expectFailure, runCli, startServer } from '../support/programs.js';
import type { ServerProcess, Variables } from '../support/programs.js';

const ISSUER = 'https://sts.example';
const AUDIENCE = 'https://protected.example';
const PAST = 1_000_000_000;

interface Explanation {
  active: boolean;
  reason: string | null;
  error: string | null;
  advice: string | null;
  steps: { step: string; outcome: string; detail: string }[];
}

let dataSource: DataSource;
let directory: string;
let variables: Variables;
let server: ServerProcess;
let authorization: string;
let key: SigningKey;
let tokens: TypeOrmOpaqueTokenRepository;
beforeAll(async () => {
  const database = await freshDatabase();
  dataSource = database.dataSource;
  directory = await mkdtemp(join(tmpdir(), 'introspection-test-'));
  key = await signingKey('ES256');
  variables = { DATABASE_URL: database.url, ISSUER, JWKS_FILE: join(directory, 'jwks.json') };
  await writeFile(variables['JWKS_FILE']!, JSON.stringify({ keys: [key.public] }));
  const clients = new TypeOrmClientRepository(dataSource);
  tokens = new TypeOrmOpaqueTokenRepository(dataSource);
  await clients.create({ clientId: 'rs', audiences: [AUDIENCE] });
  const { clientSecret } = await clients.rotateSecret('rs');
  authorization = basic('rs', clientSecret);
  for (const clientId of ['app', 'off', 'again']) await clients.create({ clientId });
  await clients.create({ clientId: 'mute', mayIntrospect: false });
  await clients.setEnabled('off', false);
  await clients.delete('again');
  await clients.create({ clientId: 'again' });
  server = await startServer(variables);
});
afterAll(async () => {
  await server.stop();
  await dataSource.destroy();
  await rm(directory, { recursive: true });
});

const explain = (token: string, ...args: string[]) =>
  cliJson<Explanation & Record<string, unknown>>(['token', 'explain', token, ...args], variables);

/** The private reason that the server logs when `rs` asks about the token. */
async function loggedReason(token: string): Promise<unknown> {
  const id = `explain-${++asked}`;
  const headers = [...FORM, 'Authorization', authorization, 'X-Request-Id', id];
  await ask(server.origin, { headers, body: new URLSearchParams({ token }).toString() });
  const line = await eventually(() => server.log().find((one) => one['request_id'] === id));
  return line['reason'] ?? null;
}
let asked = 0;

/** What fails in every step from the client on, so that a row shows that the step before comes first. */
const WRONG = { client_id: 'off', aud: 'https://other.example', exp: PAST };
const jwt = (claims: object, header: object = {}) =>
  signUnder(
    key,
    JSON.stringify({ iss: ISSUER, client_id: 'app', aud: AUDIENCE, exp: 4e9, ...claims }),
    JSON.stringify({ alg: 'ES256', kid: key.kid, ...header }),
  );
const opaque = (token: object = {}) =>
  tokens.issue({ clientId: 'app', aud: [AUDIENCE], exp: 4e9, ...token });

/** What the token is, the reason, the step that fails, and how it is made. */
const ROWS: readonly (readonly [
  what: string,
  reason: string | null,
  step: string | undefined,
  make: () => Promise<string>,
])[] = [
  ['a live opaque token', null, undefined, () => opaque()],
  ['a live JWT', null, undefined, () => jwt({})],
  ['what is neither', 'unrecognized', 'kind', async () => 'unknown'],
  ['a JWT without an issuer', 'unrecognized', 'issuer', () => jwt({ iss: 1 })],
  [
    'of an issuer that is not trusted',
    'untrusted_issuer',
    'issuer',
    () =>
      jwt({ ...WRONG, iss: 'https://elsewhere.example' }, { alg: 'none', kid: 'x', crit: ['x'] }),
  ],
  [
    'with an algorithm that is not allowed',
    'algorithm_not_allowed',
    'header',
    () => jwt(WRONG, { alg: 'none', kid: 'x' }),
  ],
  [
    'with a critical header',
    'critical_header',
    'header',
    () => jwt(WRONG, { crit: ['x'], kid: 'x' }),
  ],
  [
    'of another type',
    'type_not_allowed',
    'header',
    () => jwt(WRONG, { typ: 'dpop+jwt', kid: 'x' }),
  ],
  ['with a malformed header', 'malformed', 'header', () => jwt({ sub: 1 }, { kid: 1 })],
  ['of an unknown key', 'no_matching_key', 'key', () => jwt({ ...WRONG, sub: 1 }, { kid: 'x' })],
  [
    'badly signed',
    'bad_signature',
    'signature',
    async () => (await jwt({ ...WRONG, sub: 1 })).replace(/[^.]+$/, base64url(Buffer.alloc(64))),
  ],
  ['with a malformed claim', 'malformed', 'claims', () => jwt({ ...WRONG, sub: 1 })],
  [
    'a revoked opaque token',
    'revoked',
    'revocation',
    async () => {
      const token = await opaque({ clientId: 'off', aud: ['x'], exp: PAST });
      await tokens.revoke(token);
      return token;
    },
  ],
  [
    'a revoked JWT',
    'revoked',
    'revocation',
    async () => {
      const token = await jwt({ ...WRONG, jti: 'revoked' });
      await new TypeOrmJwtRevocationRepository(dataSource).revoke(revocationHash(token)!);
      return token;
    },
  ],
  [
    'of an unknown client',
    'client_unknown',
    'client',
    () => jwt({ ...WRONG, client_id: 'nobody' }),
  ],
  ['of no client', 'client_unknown', 'client', () => jwt({ ...WRONG, client_id: undefined })],
  [
    'of a client that was deleted',
    'client_unknown',
    'client',
    () => jwt({ ...WRONG, client_id: 'again', iat: PAST }),
  ],
  ['a JWT of a disabled client', 'client_disabled', 'client', () => jwt(WRONG)],
  [
    'an opaque token of a disabled client',
    'client_disabled',
    'client',
    () => opaque({ clientId: 'off', aud: ['x'], exp: PAST }),
  ],
  ['for another audience', 'not_for_caller', 'audience', () => opaque({ aud: ['x'], exp: PAST })],
  ['an expired opaque token', 'expired', 'time', () => opaque({ exp: PAST, nbf: 3.9e9 })],
  ['an expired JWT', 'expired', 'time', () => jwt({ exp: PAST })],
  ['not valid yet', 'not_yet_valid', 'time', () => jwt({ nbf: 3.9e9 })],
];

describe('token explain TOKEN --as CLIENT', () => {
  it.each(ROWS)('%s: %s, as the server logs it', async (_what, reason, step, make) => {
    const token = await make();
    const explanation = await explain(token, '--as', 'rs');
    expect(explanation).toMatchObject({ active: reason === null, reason, error: null });
    expect(await loggedReason(token)).toBe(reason);
    const outcomes = explanation.steps.map(({ outcome }) => outcome);
    const failed = outcomes.indexOf('failed');
    expect(explanation.steps[failed]?.step).toBe(step);
    if (failed >= 0) {
      expect(new Set(outcomes.slice(0, failed))).toEqual(new Set(['passed']));
      expect(outcomes.slice(failed + 1).every((outcome) => outcome === 'skipped')).toBe(true);
      expect(explanation.advice).toMatch(/^[A-Z].*\.$/);
    } else {
      expect(new Set(outcomes)).toEqual(new Set(['passed']));
      expect(explanation.advice).toBeNull();
    }
    for (const part of token.split('.')) {
      if (part.length > 10) expect(JSON.stringify(explanation)).not.toContain(part);
    }
  });

  it('has a row for each reason', () => {
    const shown = new Set(ROWS.map(([, reason]) => reason));
    expect(INACTIVE_REASONS.filter((reason) => !shown.has(reason))).toEqual([]);
  });

  it.each([
    ['nobody', 'unknown_client', 'invalid_client', /not registered/],
    ['off', 'client_disabled', 'invalid_client', /disabled/],
    ['mute', 'unauthorized_client', 'unauthorized_client', /may not introspect/],
  ])('%s: the caller is refused', async (as, reason, error, detail) => {
    const explanation = await explain(await opaque(), '--as', as);
    expect(explanation).toMatchObject({ active: false, reason, error });
    expect(explanation.steps).toEqual([
      { step: 'caller', outcome: 'failed', detail: expect.stringMatching(detail) },
    ]);
  });
});

describe('token explain', () => {
  const detailOf = ({ steps }: Explanation, step: string) =>
    steps.find((one) => one.step === step)?.detail;

  it('says what each step was about', async () => {
    const explanation = await explain(
      await jwt({ iat: 1_700_000_000, nbf: 1_700_000_000 }),
      '--as',
      'rs',
    );
    expect(explanation.steps).toEqual([
      { step: 'caller', outcome: 'passed', detail: '"rs" is enabled and may introspect' },
      { step: 'kind', outcome: 'passed', detail: 'a JSON Web Token' },
      { step: 'issuer', outcome: 'passed', detail: `"${ISSUER}" is this server's` },
      { step: 'header', outcome: 'passed', detail: `alg "ES256", kid "${key.kid}"` },
      { step: 'key', outcome: 'passed', detail: "1 of the issuer's keys fit" },
      { step: 'signature', outcome: 'passed', detail: '' },
      { step: 'claims', outcome: 'passed', detail: '' },
      { step: 'revocation', outcome: 'passed', detail: '' },
      { step: 'client', outcome: 'passed', detail: '"app" is enabled' },
      {
        step: 'audience',
        outcome: 'passed',
        detail: `the token is for "${AUDIENCE}"; "rs" is "${AUDIENCE}"`,
      },
      {
        step: 'time',
        outcome: 'passed',
        detail:
          'issued at 2023-11-14T22:13:20.000Z, valid from 2023-11-14T22:13:20.000Z, ' +
          'expires at 2096-10-02T07:06:40.000Z',
      },
    ]);
  });

  it('says when a token was revoked', async () => {
    const token = await opaque();
    await tokens.revoke(token);
    const revoked = await explain(token);
    expect(detailOf(revoked, 'revocation')).toMatch(/^revoked at 20\d\d-.*Z$/);
    // The decision ended there: nothing is said of a client that was not looked at.
    expect(detailOf(revoked, 'client')).toBe('');
    const signed = await sign(key, { iss: ISSUER, client_id: 'app' });
    await new TypeOrmJwtRevocationRepository(dataSource).revoke(revocationHash(signed)!);
    expect(detailOf(await explain(signed), 'revocation')).toMatch(/^revoked at 20\d\d-.*Z$/);
  });

  it('names the issuers that are trusted, and says nothing of a token that is not genuine', async () => {
    const explanation = await explain(
      await jwt({ iss: 'https://x\u009b.example', client_id: 'app' }),
    );
    expect(detailOf(explanation, 'issuer')).toBe(
      `"https://x\\u009b.example" is none of "${ISSUER}"`,
    );
    for (const step of ['client', 'audience', 'time']) expect(detailOf(explanation, step)).toBe('');
  });

  it('has the options of the server, from the same variables', async () => {
    const iss = 'https://partner.example';
    const token = await jwt({ iss, client_id: undefined });
    const args = ['token', 'explain', token, '--as', 'rs'];
    const trusted = JSON.stringify([{ issuer: iss, jwks_file: variables['JWKS_FILE'] }]);
    expect(await cliJson(args, { ...variables, TRUSTED_ISSUERS: trusted })).toMatchObject({
      active: true,
    });
    const strict = { ...variables, UNRECOGNIZED_TOKENS: 'error' };
    expect(await cliJson(args, strict)).toMatchObject({
      active: false,
      reason: 'untrusted_issuer',
      error: 'invalid_token',
    });
  });

  it('without a caller leaves the audience open', async () => {
    const explanation = await explain(await opaque({ aud: ['x'] }));
    expect(explanation).toMatchObject({ active: true, reason: null });
    expect(explanation.steps.find(({ step }) => step === 'audience')).toEqual({
      step: 'audience',
      outcome: 'skipped',
      detail: 'the token is for "x"; name a caller with --as',
    });
  });

  it('reads the token from stdin, and tells a person', async () => {
    const token = await opaque({ exp: PAST });
    const { code, stdout } = await runCli(['token', 'explain', '-'], variables, `${token}\n`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^STEP +OUTCOME +DETAIL\nkind +passed +an opaque token/);
    expect(stdout).toMatch(/^time +failed +expires at 2001-09-09T01:46:40\.000Z$/m);
    expect(stdout).toMatch(/\n\nInactive: expired\. Get a new token\./);
    const { stdout: active } = await runCli(['token', 'explain', await opaque()], variables);
    expect(active).toMatch(/\n\nActive\.\n$/);
    const { stdout: refused } = await runCli(
      ['token', 'explain', token, '--as', 'mute'],
      variables,
    );
    expect(refused).toMatch(/\n\nunauthorized_client\. The caller is refused with 403:/);
  });

  it('takes a token that starts with a dash', async () => {
    expect(await explain('-hjson')).toMatchObject({ reason: 'unrecognized' });
  });

  it('needs no more than to read', async () => {
    const role = `reader_${Date.now()}`;
    const grants = [
      `CREATE ROLE ${role} LOGIN PASSWORD 'reader'`,
      `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`,
      `ALTER ROLE ${role} SET default_transaction_read_only = on`,
    ];
    for (const grant of grants) await dataSource.query(grant);
    const url = new URL(variables['DATABASE_URL']!);
    [url.username, url.password] = [role, 'reader'];
    const reading = { ...variables, DATABASE_URL: url.href };
    // Its revocation ends before the token does, which the server would mend.
    const token = await jwt({ jti: 'covered', exp: 4e9 });
    await new TypeOrmJwtRevocationRepository(dataSource).revoke(revocationHash(token)!, PAST);
    const explained = await cliJson(['token', 'explain', token, '--as', 'rs'], reading);
    expect(explained).toMatchObject({ active: false, reason: 'revoked' });
    expect(await explain(token)).toMatchObject({ reason: 'revoked' });
    const [end] = await dataSource.query<unknown[]>(`SELECT exp FROM revoked_jwt WHERE hash = $1`, [
      revocationHash(token),
    ]);
    expect(end).toEqual({ exp: String(PAST) });
    await dataSource.query(`DROP OWNED BY ${role}`);
    await dataSource.query(`DROP ROLE ${role}`);
  });

  it.each<[string, Variables, RegExp]>([
    [
      'the keys cannot be fetched',
      { JWKS_FILE: '', JWKS_URI: 'http://127.0.0.1:1/' },
      /server answers 503/,
    ],
    [
      'the key file is not there',
      { JWKS_FILE: '/no/such/file' },
      /\/no\/such\/file cannot be used/,
    ],
  ])('fails in one line when %s', async (_what, others, message) => {
    const args = ['token', 'explain', await jwt({})];
    expectFailure(await runCli(args, { ...variables, ...others }), message);
  });
});
