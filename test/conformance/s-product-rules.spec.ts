import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOORS, ISSUER } from '../support/host.js';
import { sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import {
  AUDIENCE,
  expectActive,
  expectError,
  expectInactive,
  inAnHour,
  now,
  startWorld,
} from '../support/world.js';
import type { World } from '../support/world.js';

const TRUSTED = 'https://trusted.example';
const HINTS = ['access_token', 'pct', undefined];

describe.each(DOORS)('S. The product’s own rules, on %s', (adapter) => {
  let world: World;
  let trustedKey: SigningKey;
  beforeAll(async () => {
    trustedKey = await signingKey('ES256');
    world = await startWorld(adapter, {
      introspection: {
        trustedIssuers: [{ issuer: TRUSTED, jwks: { keys: [trustedKey.public] } }],
      },
    });
  });
  afterAll(() => world.stop());

  it('S1, S4 every hint, and none, finds both kinds of token', async () => {
    const tokens = [await world.issue(), await sign(world.key, world.claims())];
    for (const hint of HINTS) {
      for (const token of tokens) {
        expectActive(await world.introspect(token, hint === undefined ? {} : { hint }));
      }
      expectInactive(await world.introspect('unknown', hint === undefined ? {} : { hint }));
    }
  });

  it('S2 refresh_token → 400 unsupported_token_type', async () => {
    for (const token of [await world.issue(), 'unknown']) {
      const answer = await world.introspect(token, { hint: 'refresh_token' });
      expectError(answer, 400, 'unsupported_token_type');
      expect(answer.json['error_description']).toBe(
        'Introspecting refresh tokens is not supported.',
      );
    }
  });

  it.each([
    'id_token',
    'ACCESS_TOKEN',
    'access_token ',
    'urn:x',
    'jwt',
    '__proto__',
    'constructor',
  ])('S3 the hint %j, which no strategy claims → 400 unsupported_token_type', async (hint) => {
    const answer = await world.introspect(await world.issue(), { hint });
    expectError(answer, 400, 'unsupported_token_type');
  });

  it('S5 every standard member, the extensions beside them', async () => {
    const members = {
      username: 'jdoe',
      scope: 'read write',
      sub: 'subject',
      iss: ISSUER,
      exp: inAnHour(),
      iat: now() - 5,
      nbf: now() - 5,
      jti: 'id',
      cnf: { jkt: 'thumbprint' },
    };
    const extensions = {
      act: { sub: 'actor' },
      acr: 'urn:acr',
      auth_time: now() - 10,
      authorization_details: [{ type: 'payment' }],
      tenant: { nested: [1, null, 'x'] },
    };
    const extendedClaims = { department: 'dolphins', nothing: null };
    const opaque = await world.issue({ ...members, clientId: 'app', extensions, extendedClaims });
    const jwt = await sign(
      world.key,
      world.claims({ ...members, ...extensions, extended_claims: extendedClaims }),
    );
    for (const token of [opaque, jwt]) {
      expect(expectActive(await world.introspect(token))).toEqual({
        active: true,
        client_id: 'app',
        aud: [AUDIENCE],
        ...members,
        token_type: 'DPoP',
        ...extensions,
        extended_claims: extendedClaims,
      });
    }
  });

  it('S5 what is not known is absent; iss of our own opaque token is our issuer', async () => {
    const token = await world.tokens.issue({ clientId: 'app' });
    expect(expectActive(await world.introspect(token))).toEqual({
      active: true,
      client_id: 'app',
      iss: ISSUER,
      token_type: 'Bearer',
      extended_claims: {},
    });
  });

  it('S5 aud is an array for one and for several', async () => {
    for (const aud of [AUDIENCE, [AUDIENCE], [AUDIENCE, 'other']]) {
      const jwt = await sign(world.key, world.claims({ aud }));
      expect(expectActive(await world.introspect(jwt))['aud']).toEqual([aud].flat());
    }
  });

  it('S5 no extension can replace a standard member or active', async () => {
    const hostile = {
      active: false,
      client_id: 'evil',
      username: 'evil',
      scope: 'evil',
      sub: 'evil',
      aud: ['evil'],
      iss: 'evil',
      exp: 1,
      iat: 1,
      nbf: 1,
      jti: 'evil',
      token_type: 'evil',
      cnf: { jkt: 'evil' },
      extended_claims: { evil: true },
      ['__proto__']: { evil: true },
      harmless: true,
    };
    const token = await world.issue({ extensions: hostile, aud: [], sub: undefined });
    const answer = await world.introspect(token);
    expect(expectActive(answer)).toEqual({
      active: true,
      client_id: 'app',
      iss: ISSUER,
      exp: expect.closeTo(inAnHour(), -2) as number,
      token_type: 'Bearer',
      harmless: true,
      extended_claims: {},
    });
    expect(answer.text).not.toContain('evil');
  });

  it('S5 __proto__ and active among a JWT’s claims change nothing', async () => {
    const claims = JSON.stringify(world.claims({ active: false, token_type: 'evil' }));
    const payload = claims.replace(/^\{/, '{"__proto__":{"evil":true},"constructor":"fine",');
    const answer = await world.introspect(await sign(world.key, payload));
    expect(expectActive(answer)['constructor']).toBe('fine');
    expect(answer.text).not.toContain('evil');
  });

  it('S6 the option unrecognizedTokens is inactive by default', async () => {
    expectInactive(await world.introspect('no-such-token'));
  });

  it('S7 who may see a token', async () => {
    const tokens = {
      'for rs': await world.issue({ aud: [AUDIENCE], clientId: 'app' }),
      'for rs among others': await world.issue({ aud: ['x', AUDIENCE], clientId: 'app' }),
      'for somebody else': await world.issue({
        aud: ['https://elsewhere.example'],
        clientId: 'app',
      }),
      'for a prefix of rs': await world.issue({ aud: [AUDIENCE.slice(0, -1)], clientId: 'app' }),
      'issued to rs': await world.issue({ aud: ['https://elsewhere.example'], clientId: 'rs' }),
      'without audience': await world.issue({ aud: [], clientId: 'app' }),
    };
    const visible: Record<string, (keyof typeof tokens)[]> = {
      rs: ['for rs', 'for rs among others', 'issued to rs', 'without audience'],
      app: [
        'for rs',
        'for rs among others',
        'for somebody else',
        'for a prefix of rs',
        'without audience',
      ],
      outsider: ['for somebody else', 'issued to rs', 'without audience'],
      auditor: Object.keys(tokens) as (keyof typeof tokens)[],
    };
    for (const [as, seen] of Object.entries(visible)) {
      for (const [name, token] of Object.entries(tokens)) {
        const answer = await world.introspect(token, { as });
        expect(answer.json['active'], `${name}, seen by ${as}`).toBe(seen.includes(name as never));
      }
    }
  });

  it('S7 the same for JSON Web Tokens', async () => {
    const token = await sign(world.key, world.claims());
    const elsewhere = await sign(world.key, world.claims({ aud: ['https://elsewhere.example'] }));
    const everybody = await sign(world.key, world.claims({ aud: undefined }));
    expectActive(await world.introspect(token));
    expectInactive(await world.introspect(token, { as: 'outsider' }));
    expectInactive(await world.introspect(elsewhere));
    expectActive(await world.introspect(elsewhere, { as: 'outsider' }));
    expectActive(await world.introspect(elsewhere, { as: 'app' }));
    expectActive(await world.introspect(everybody, { as: 'outsider' }));
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['for rs', {}, ['rs', 'auditor']],
    ['for rs among others', { aud: ['x', AUDIENCE] }, ['rs', 'auditor']],
    ['for nobody here', { aud: ['x'] }, ['auditor']],
    ['without audience', { aud: undefined }, ['auditor']],
    ['with an empty list of audiences', { aud: [] }, ['auditor']],
    // Its issuer names clients of its own, which have nothing to do with ours.
    [
      'issued to a client that is called as one of ours',
      { aud: ['x'], client_id: 'rs' },
      ['auditor'],
    ],
    ['for rs and issued to one called outsider', { client_id: 'outsider' }, ['rs', 'auditor']],
  ])('S7 a JWT of another issuer %s', async (_what, claims, seen) => {
    const token = await sign(trustedKey, world.claims({ iss: TRUSTED, ...claims }));
    for (const as of ['rs', 'app', 'outsider', 'auditor']) {
      const answer = await world.introspect(token, { as });
      expect(answer.json['active'], `seen by ${as}`).toBe(seen.includes(as));
    }
  });
});

describe.each(DOORS)('S. The hints’ options, on %s', (adapter) => {
  let world: World;
  const other = 'https://other.example';
  beforeAll(async () => {
    world = await startWorld(adapter, {
      introspection: { unknownHints: 'ignore', unrecognizedTokens: 'error' },
    });
  });
  afterAll(() => world.stop());

  it('S3 unknownHints: ignore treats an unclaimed hint as absent', async () => {
    expectActive(await world.introspect(await world.issue(), { hint: 'id_token' }));
    expectActive(await world.introspect(await sign(world.key, world.claims()), { hint: 'x' }));
  });

  it('S2 refresh_token is rejected all the same', async () => {
    const answer = await world.introspect(await world.issue(), { hint: 'refresh_token' });
    expectError(answer, 400, 'unsupported_token_type');
  });

  it('S6 unrecognizedTokens: error → 400 invalid_token for what no strategy recognises', async () => {
    const foreign = await signingKey('ES256');
    for (const token of [
      'unknown',
      'a.b.c',
      '\0',
      await sign(foreign, world.claims({ iss: other })),
    ]) {
      const answer = await world.introspect(token);
      expectError(answer, 400, 'invalid_token');
      expect(answer.json['error_description']).toBe(
        'Access token not issued or recognized by this STS',
      );
    }
  });

  it('S6 every other cause stays IA', async () => {
    const revoked = await world.issue();
    await world.tokens.revoke(revoked);
    const forger = await signingKey('ES256');
    for (const token of [
      await world.issue({ exp: now() - 1 }),
      await world.issue({ nbf: inAnHour() }),
      revoked,
      await world.issue({ aud: ['https://elsewhere.example'] }),
      await sign(forger, world.claims()),
      await sign(forger, world.claims(), { kid: world.key.kid }),
    ]) {
      expectInactive(await world.introspect(token));
    }
  });
});
