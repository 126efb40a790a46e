import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../../src/index.js';
import { freshDatabase } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import type { Answer } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import { eventually, serverForTest, startServer } from '../support/programs.js';
import type { ServerProcess, Variables } from '../support/programs.js';
import { inAnHour, now } from '../support/world.js';

const ISSUER = 'https://sts.example.com';
const [ALIAS, BY_URI, BY_FILE] = [
  'https://old.example',
  'https://uri.example',
  'https://f.example',
];
const PATH = '/OAuth/Token-Info';

const keys: Record<string, SigningKey> = {};
const keyServer = createServer((_, response) =>
  response.end(JSON.stringify({ keys: [keys[BY_URI]!.public] })),
);
let folder: string;
let database: Awaited<ReturnType<typeof freshDatabase>>;
const secrets: Record<string, string> = {};
let live: string;
let revoked: string;
let base: Variables;
/** What is set; a server that has none of it is asked the same. */
let set: Record<string, unknown>;

beforeAll(async () => {
  for (const name of [ISSUER, BY_URI, BY_FILE]) keys[name] = await signingKey('ES256');
  keys['RS256'] = await signingKey('RS256');
  folder = await mkdtemp(join(tmpdir(), 'introspection-test-'));
  const own = { keys: [keys[ISSUER]!.public, keys['RS256'].public] };
  await writeFile(join(folder, 'own.json'), JSON.stringify(own));
  await writeFile(join(folder, 'f.json'), JSON.stringify({ keys: [keys[BY_FILE]!.public] }));
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));

  database = await freshDatabase();
  const clients = new TypeOrmClientRepository(database.dataSource);
  const tokens = new TypeOrmOpaqueTokenRepository(database.dataSource);
  for (const clientId of ['rs', 'scanner', 'half-scanner']) {
    secrets[clientId] = (await clients.create({ clientId, anyAudience: true })).clientSecret;
  }
  const issue = () => tokens.issue({ clientId: 'rs', exp: inAnHour() });
  [live, revoked] = [await issue(), await issue()];
  await tokens.revoke(revoked);

  base = { DATABASE_URL: database.url, ISSUER, JWKS_FILE: join(folder, 'own.json') };
  const { port } = keyServer.address() as AddressInfo;
  set = {
    ISSUER_ALIASES: [ALIAS],
    TRUSTED_ISSUERS: [
      { issuer: BY_URI, jwks_uri: `http://127.0.0.1:${port}/` },
      { issuer: BY_FILE, jwks_file: join(folder, 'f.json') },
    ],
    ALGORITHMS: ['ES256'],
    JWT_TYPES: 'at+jwt',
    INTROSPECTION_PATH: PATH,
    UNKNOWN_HINTS: 'ignore',
    UNRECOGNIZED_TOKENS: 'error',
    BODY_LIMIT: 2000,
    REALM: 'ours',
    READ_TIMEOUT: 10_000,
    LIMITS_FAILURES_PER_CLIENT: 3,
    LIMITS_FAILURES_PER_ADDRESS: 6,
    LIMITS_WINDOW: 17,
    LIMITS_UNKNOWN_TOKENS: 0.9,
    LIMITS_DELAY: 3000,
  };
});
afterAll(async () => {
  await database?.dataSource.destroy();
  keyServer.close();
  keyServer.closeAllConnections();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What is set, as variables. */
function asVariables(): Variables {
  const text = (value: unknown) => {
    if (!Array.isArray(value)) return String(value);
    return typeof value[0] === 'string' ? value.join(',') : JSON.stringify(value);
  };
  return Object.fromEntries(Object.entries(set).map(([name, value]) => [name, text(value)]));
}

/** What is set, in a file. */
async function inFile(): Promise<Variables> {
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify(set));
  return { CONFIG_FILE: file };
}

interface Asking {
  path?: string;
  as?: string;
  secret?: string;
  hint?: string;
  from?: string;
  filler?: number;
}

function introspect({ origin, path }: Server, token: string, asking: Asking = {}) {
  const { as = 'rs', hint, from, filler = 0 } = asking;
  const body = new URLSearchParams({ token, ...(hint ? { token_type_hint: hint } : {}) });
  if (filler > 0) body.set('filler', 'x'.repeat(filler));
  return ask(origin, {
    path: asking.path ?? path,
    headers: [...FORM, 'Authorization', basic(as, asking.secret ?? secrets[as] ?? 'x')],
    body: body.toString(),
    ...(from ? { from } : {}),
  });
}

/** Introspects a JWT. */
async function jwt(server: Server, iss: string, { typ = 'at+jwt', alg = '' } = {}) {
  const key = keys[alg] ?? keys[iss] ?? keys[ISSUER]!;
  const claims = { iss, client_id: 'rs', sub: 'rs', aud: 'a', iat: now(), exp: inAnHour() };
  return outcome(await introspect(server, await sign(key, claims, { typ })));
}

function outcome({ status, json }: Answer): string {
  const detail = status === 200 ? (json['active'] ? 'active' : 'inactive') : json['error'];
  return `${status} ${String(detail)}`;
}

/** @returns the answers to wrong secrets */
async function guess(server: Server, from: string, clientIds: readonly string[]) {
  const answers: Answer[] = [];
  for (const as of clientIds) {
    answers.push(await introspect(server, 'x', { as, from, secret: 'wrong' }));
  }
  return answers;
}

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).join(' ');

/** Has a caller ask about a revoked token so often, and then about unknown ones. */
async function scan(server: Server, as: string, known: number, unknown: number) {
  for (let turn = 0; turn < known; turn++) await introspect(server, revoked, { as });
  for (let turn = 0; turn < unknown; turn++) await introspect(server, `unknown-${turn}`, { as });
}

interface Server extends ServerProcess {
  readonly path: string;
}

let plain: Server;
beforeAll(async () => void (plain = { ...(await startServer(base)), path: '/introspect' }));
afterAll(async () => void (await plain?.stop()));

const ROWS: [string, (server: Server) => Promise<string>, string, string][] = [
  ['ISSUER_ALIASES', (server) => jwt(server, ALIAS), '200 inactive', '200 active'],
  ['TRUSTED_ISSUERS, jwks_uri', (server) => jwt(server, BY_URI), '200 inactive', '200 active'],
  ['TRUSTED_ISSUERS, jwks_file', (server) => jwt(server, BY_FILE), '200 inactive', '200 active'],
  ['ALGORITHMS', (server) => jwt(server, ISSUER, { alg: 'RS256' }), '200 active', '200 inactive'],
  ['JWT_TYPES', (server) => jwt(server, ISSUER, { typ: 'JWT' }), '200 active', '200 inactive'],
  [
    'UNKNOWN_HINTS',
    async (server) => outcome(await introspect(server, live, { hint: 'colour' })),
    '400 unsupported_token_type',
    '200 active',
  ],
  [
    'UNRECOGNIZED_TOKENS',
    async (server) => outcome(await introspect(server, 'junk')),
    '200 inactive',
    '400 invalid_token',
  ],
  [
    'BODY_LIMIT',
    async (server) => outcome(await introspect(server, live, { filler: 2000 })),
    '200 active',
    '413 invalid_request',
  ],
  [
    'REALM',
    async (server) => (await ask(server.origin, server)).headers['www-authenticate']!,
    'Basic realm="introspection", charset="UTF-8"',
    'Basic realm="ours", charset="UTF-8"',
  ],
  [
    'INTROSPECTION_PATH',
    async (server) => outcome(await introspect(server, live, { path: PATH })),
    '404 not_found',
    '200 active',
  ],
  [
    'INTROSPECTION_PATH, and no other',
    async (server) => outcome(await introspect(server, live, { path: '/introspect' })),
    '200 active',
    '404 not_found',
  ],
  [
    'LIMITS_FAILURES_PER_CLIENT',
    async (server) => statuses(await guess(server, '127.0.0.11', ['rs', 'rs', 'rs', 'rs'])),
    '401 401 401 401',
    '401 401 401 429',
  ],
  [
    'LIMITS_FAILURES_PER_ADDRESS',
    async (server) =>
      statuses(await guess(server, '127.0.0.12', ['a', 'b', 'c', 'd', 'e', 'f', 'g'])),
    '401 401 401 401 401 401 401',
    '401 401 401 401 401 401 429',
  ],
  [
    'LIMITS_WINDOW',
    async (server) => {
      const clientIds = Array.from({ length: 21 }, () => 'rs');
      const refused = (await guess(server, '127.0.0.13', clientIds)).filter(
        ({ status }) => status === 429,
      );
      return Number(refused[0]!.headers['retry-after']) > 17 ? 'longer' : '17 s at most';
    },
    'longer',
    '17 s at most',
  ],
  [
    'LIMITS_UNKNOWN_TOKENS',
    async (server) => {
      await scan(server, 'half-scanner', 20, 80);
      const id = (await introspect(server, live)).headers['x-request-id'];
      await eventually(() => server.log().some(({ request_id }) => request_id === id));
      const said = server.log().filter(({ event }) => event === 'scanning');
      return said.map(({ caller, unknown_tokens: unknown }) => [caller, unknown].join(' ')).join();
    },
    'half-scanner 80',
    '',
  ],
];

describe.each([
  ['the environment', asVariables],
  ['CONFIG_FILE', inFile],
])('from %s', (_, variables) => {
  let server: Server;
  beforeAll(async () => {
    server = { ...(await startServer({ ...base, ...(await variables()) })), path: PATH };
  });
  afterAll(async () => void (await server?.stop()));

  it.each(ROWS)('%s', async (__, asked, _byDefault, expected) => {
    expect(await asked(server)).toBe(expected);
  });

  it('LIMITS_DELAY', async () => {
    await scan(server, 'scanner', 0, 100);
    const since = performance.now();
    expect(outcome(await introspect(server, revoked, { as: 'scanner' }))).toBe('200 inactive');
    // A timer may be a millisecond early.
    expect(performance.now() - since).toBeGreaterThan(2990);
  });

  it('READ_TIMEOUT', async () => {
    const lock = database.dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('LOCK TABLE opaque_token');
    const patient = introspect(server, live);
    const impatient = await introspect(plain, live);
    await lock.rollbackTransaction();
    await lock.release();
    expect(outcome(impatient)).toBe('503 temporarily_unavailable');
    expect(outcome(await patient)).toBe('200 active');
  });
});

describe('by default', () => {
  it.each(ROWS)('%s', async (_, asked, expected) => {
    expect(await asked(plain)).toBe(expected);
  });
});

it('reaches the workers', async () => {
  const variables = { ...base, ...(await inFile()), WORKERS: '2' };
  const server = { ...(await serverForTest(variables)), path: PATH };
  expect(await jwt(server, BY_FILE)).toBe('200 active');
  expect(outcome(await introspect(server, 'junk'))).toBe('400 invalid_token');
});
