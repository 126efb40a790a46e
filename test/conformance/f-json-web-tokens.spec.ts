import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportSPKI, importJWK } from 'jose';
import type { CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOORS } from '../support/host.js';
import { base64url, hmac, sign, signUnder, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import { expectActive, expectInactive, inAnHour, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const TRUSTED = 'https://trusted.example';
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

describe.each(DOORS)('F. JSON Web Tokens, on %s', (adapter) => {
  let world: World;
  let trusted: SigningKey;
  let rsa: SigningKey;
  let keys: SigningKey[];
  beforeAll(async () => {
    trusted = await signingKey('ES256');
    keys = await Promise.all(ALGORITHMS.map((alg) => signingKey(alg)));
    rsa = keys[0]!;
    world = await startWorld(adapter, {
      introspection: {
        jwks: { keys: keys.map((key) => key.public) },
        trustedIssuers: [{ issuer: TRUSTED, jwks: { keys: [trusted.public] } }],
        // So many forgeries are a scan, whose answers would be held back.
        limits: false,
      },
    });
    world.key = keys[ALGORITHMS.indexOf('ES256')]!;
  });
  afterAll(() => world.stop());

  const json = (claims?: Record<string, unknown>) => JSON.stringify(world.claims(claims));
  const es256 = (header: Record<string, unknown>) =>
    JSON.stringify({ alg: 'ES256', kid: world.key.kid, ...header });

  it.each(ALGORITHMS)('F1 a token signed with %s, which is on the list, is active', async (alg) => {
    const key = keys.find((one) => one.alg === alg)!;
    const { kid: _, ...unnamed } = { kid: key.kid };
    expectActive(await world.introspect(await sign(key, world.claims())));
    expectActive(
      await world.introspect(await sign(key, world.claims(), { ...unnamed, kid: undefined })),
    );
  });

  it.each(['none', 'nOnE', 'NONE', '', 'HS256', 'RS1', 'es256', 'ES256 ', 'ES256K', 'dir'])(
    'F1 the algorithm %j → IA',
    async (alg) => {
      const header = base64url(JSON.stringify({ alg, kid: rsa.kid }));
      const payload = base64url(json());
      const [, , signature] = (await sign(world.key, world.claims())).split('.');
      for (const last of ['', signature]) {
        expectInactive(await world.introspect(`${header}.${payload}.${last}`));
      }
      expectInactive(await world.introspect(await signUnder(world.key, json(), es256({ alg }))));
    },
  );

  it('F1 an algorithm that is absent, a number, a list or null → IA', async () => {
    for (const alg of [undefined, 256, ['ES256'], null, { toString: 'ES256' }]) {
      expectInactive(await world.introspect(await signUnder(world.key, json(), es256({ alg }))));
    }
  });

  it('F1 HS256 keyed with the RSA public key → IA', async () => {
    const spki = await exportSPKI((await importJWK(rsa.public)) as CryptoKey);
    const secrets = [
      spki,
      spki.trim(),
      JSON.stringify(rsa.public),
      Buffer.from(rsa.public.n!, 'base64url'),
    ];
    for (const secret of secrets) {
      for (const alg of ['HS256', 'RS256']) {
        expectInactive(await world.introspect(hmac(secret, { alg, kid: rsa.kid }, world.claims())));
      }
    }
  });

  it('F1 an allow-list that is narrowed', async () => {
    const narrow = await startWorld(adapter, {
      introspection: {
        jwks: { keys: [rsa.public, world.key.public] },
        algorithms: ['PS256', 'ES256'],
      },
    });
    expectInactive(await narrow.introspect(await sign(rsa, narrow.claims())));
    expectActive(await narrow.introspect(await sign(world.key, narrow.claims())));
    await narrow.stop();
  });

  it('F2 no signature, an all-zero one, one of another key → IA', async () => {
    const token = await sign(world.key, world.claims());
    const input = token.slice(0, token.lastIndexOf('.'));
    const impostor = { ...(await signingKey('ES256')), kid: world.key.kid };
    for (const forged of [
      `${input}.`,
      input,
      `${input}.${base64url(Buffer.alloc(64))}`,
      `${input}.${base64url(Buffer.alloc(0))}`,
      `${input}.${base64url(Buffer.alloc(63, 1))}`,
      await sign(impostor, world.claims()),
    ]) {
      expectInactive(await world.introspect(forged));
    }
    expectActive(await world.introspect(token));
  });

  it('F3 hostile key ids → IA', async () => {
    const wrong = [
      "' OR 1=1 --",
      '../../../../dev/null',
      '/etc/passwd\0',
      'x'.repeat(10_000),
      rsa.kid,
      '',
      '__proto__',
      { $ne: null },
      [world.key.kid],
      0,
      null,
      true,
    ];
    for (const kid of wrong) {
      const token = await signUnder(world.key, json(), es256({ kid }));
      expectInactive(await world.introspect(token));
    }
  });

  it('F4 jku, x5u and an embedded jwk are ignored: no outbound request is made', async () => {
    const evil = await signingKey('ES256');
    let requests = 0;
    const server = createServer((_request, response) => {
      requests++;
      response.end(JSON.stringify({ keys: [evil.public] }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    for (const header of [
      { jku: url },
      { x5u: url },
      { jwk: evil.public },
      { x5c: ['AAAA'] },
      { jku: url, jwk: evil.public, kid: evil.kid },
    ]) {
      expectInactive(await world.introspect(await sign(evil, world.claims(), header)));
      expectInactive(
        await world.introspect(await sign(evil, world.claims(), { kid: undefined, ...header })),
      );
    }
    expectActive(await world.introspect(await sign(world.key, world.claims(), { jku: url })));
    expect(requests).toBe(0);
    server.close();
  });

  it('F5 iss decides which keys count', async () => {
    expectActive(await world.introspect(await sign(trusted, world.claims({ iss: TRUSTED }))));
    for (const [key, iss] of [
      [trusted, world.claims()['iss']],
      [world.key, TRUSTED],
      [world.key, 'https://unknown.example'],
      [world.key, `${String(world.claims()['iss'])}/`],
      [world.key, undefined],
      [world.key, null],
      [world.key, [world.claims()['iss'], TRUSTED]],
      [world.key, '__proto__'],
    ] as const) {
      expectInactive(await world.introspect(await sign(key, world.claims({ iss }))));
    }
    const asTrusted = await sign(trusted, world.claims({ iss: TRUSTED }), { kid: world.key.kid });
    expectInactive(await world.introspect(asTrusted));
  });

  it.each([
    'at+jwt',
    'AT+JWT',
    'application/at+jwt',
    'Application/AT+JWT',
    'JWT',
    'jwt',
    undefined,
  ])('F6 typ %j is active', async (typ) => {
    expectActive(await world.introspect(await sign(world.key, world.claims(), { typ })));
  });

  it.each([
    'token-introspection+jwt',
    'dpop+jwt',
    'logout+jwt',
    'secevent+jwt',
    'application/dpop+jwt',
    'DPOP+JWT',
    'oauth-authz-req+jwt',
    'at+jwt ',
    'text/at+jwt',
    '',
    'x',
    1,
    null,
    ['at+jwt'],
  ])('F6 typ %j → IA', async (typ) => {
    expectInactive(await world.introspect(await signUnder(world.key, json(), es256({ typ }))));
  });

  it('F6 the option jwtTypes: at+jwt narrows it to RFC 9068', async () => {
    const narrow = await startWorld(adapter, { introspection: { jwtTypes: 'at+jwt' } });
    const typed = (typ?: string) => sign(narrow.key, narrow.claims(), { typ });
    for (const typ of ['at+jwt', 'application/at+jwt']) {
      expectActive(await narrow.introspect(await typed(typ)));
    }
    for (const typ of ['JWT', undefined]) expectInactive(await narrow.introspect(await typed(typ)));
    await narrow.stop();
  });

  it('F8 crit → IA, for there is no extension that we know', async () => {
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: true },
      { crit: ['b64'], b64: false },
      { crit: [] },
      { crit: ['alg'] },
      { crit: null },
      { crit: 'x' },
    ]) {
      expectInactive(await world.introspect(await signUnder(world.key, json(), es256(header))));
    }
  });

  it('F9 two, four and five parts, and the JSON serialization → IA', async () => {
    const token = await sign(world.key, world.claims());
    const [header, payload, signature] = token.split('.') as [string, string, string];
    for (const malformed of [
      `${header}.${payload}`,
      `${token}.`,
      `${token}.${signature}`,
      `${header}.${header}.${payload}.${signature}.${signature}`,
      `.${token}`,
      `..${signature}`,
      '..',
      '...',
      JSON.stringify({ protected: header, payload, signature }),
      JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    ]) {
      expectInactive(await world.introspect(malformed));
    }
  });

  it('F9 duplicate names, deep nesting and what is not a JSON object → IA', async () => {
    const body = json();
    const claim = (text: string) => `${body.slice(0, -1)},${text}}`;
    for (const payload of [
      claim('"exp":9999999999'),
      claim('"\\u0065xp":9999999999'),
      claim('"iss":"https://server.example.com/"'),
      claim('"a":{"b":1,"b":2}'),
      claim(`"deep":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
      claim(`"deep":${'{"":'.repeat(9_000)}1${'}'.repeat(9_000)}`),
      `[${body}]`,
      '"text"',
      'null',
      '1',
      '',
      `${body} x`,
      `\ufeff${body}`,
    ]) {
      expectInactive(await world.introspect(await sign(world.key, payload)));
    }
    const header = es256({}).replace(/}$/, ',"alg":"ES256"}');
    expectInactive(await world.introspect(await signUnder(world.key, body, header)));
    expectActive(await world.introspect(await sign(world.key, claim('"a":{"b":1,"c":{"b":1}}'))));
  });

  it('F9 claims of the wrong type → IA', async () => {
    for (const wrong of [
      { exp: String(inAnHour()) },
      { exp: null },
      { exp: [inAnHour()] },
      { exp: true },
      { nbf: '0' },
      { iat: '0' },
      { iat: {} },
      { aud: 1 },
      { aud: [1] },
      { aud: { a: 1 } },
      { aud: null },
      { sub: 1 },
      { client_id: ['app'] },
      { client_id: 1 },
      { jti: {} },
      { scope: 1 },
      { scope: [1] },
      { username: {} },
      { cnf: 'jkt' },
      { cnf: ['jkt'] },
    ]) {
      const answer = await world.introspect(await sign(world.key, world.claims(wrong)));
      expect(answer.text, JSON.stringify(wrong)).toBe('{"active":false}');
    }
    const infinite = json().replace(/"exp":\d+/, '"exp":1e999');
    expectInactive(await world.introspect(await sign(world.key, infinite)));
  });

  it('F9 a fraction in exp is floored', async () => {
    const exp = inAnHour();
    const token = await sign(world.key, world.claims({ exp: exp + 0.999 }));
    expect(expectActive(await world.introspect(token))['exp']).toBe(exp);
  });

  it('F9 a token that another library made is active', async () => {
    const token = await new SignJWT({ client_id: 'app', scope: 'read' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: world.key.kid })
      .setIssuer(String(world.claims()['iss']))
      .setAudience(String(world.claims()['aud']))
      .setExpirationTime('1h')
      .setIssuedAt()
      .sign(world.key.private);
    expectActive(await world.introspect(token, { hint: 'pct' }));
  });

  it('a JWT without jti is revoked by what is signed, whatever is done to its signature', async () => {
    const claims = world.claims({ sub: 'no-jti' });
    const token = await sign(world.key, claims);
    const again = await sign(world.key, { ...claims, iat: 1 });
    await world.revoke(token);
    expectInactive(await world.introspect(token));
    // (r, n − s) is a valid signature too.
    expectInactive(await world.introspect(mirrored(token)));
    expectActive(await world.introspect(mirrored(again)));
    expectActive(await world.introspect(again));
  });
});

/** The other valid ECDSA signature over the same bytes. */
function mirrored(token: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const bytes = Buffer.from(signature, 'base64url');
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const mirror = Buffer.from(s.toString(16).padStart(64, '0'), 'hex');
  return `${header}.${payload}.${base64url(Buffer.concat([bytes.subarray(0, 32), mirror]))}`;
}
