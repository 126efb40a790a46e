import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { heldQueries, holdTable } from '../support/connections.js';
import { DOORS, ISSUER, PATIENT, startHost } from '../support/host.js';
import { FORM, ask } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import {
  AUDIENCE,
  expectActive,
  expectInactive,
  inAnHour,
  now,
  startWorld,
} from '../support/world.js';
import type { World } from '../support/world.js';

const TRUSTED = 'https://trusted.example';

describe.each(DOORS)('D. Answers, on %s', (adapter) => {
  let world: World;
  let trustedKey: SigningKey;
  beforeAll(async () => {
    trustedKey = await signingKey('ES256');
    world = await startWorld(adapter, {
      introspection: {
        ...PATIENT,
        trustedIssuers: [{ issuer: TRUSTED, jwks: { keys: [trustedKey.public] } }],
      },
    });
  });
  afterAll(() => world.stop());
  afterEach(() => vi.useRealTimers());

  /** The same token in both kinds: each must be answered alike. */
  const KINDS = {
    opaque: (times: { exp?: number; nbf?: number } = {}) => world.issue(times),
    jwt: (times: { exp?: number; nbf?: number } = {}) => sign(world.key, world.claims(times)),
  };
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const at = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: seconds * 1000 });

  it('the mission’s example, member by member', async () => {
    await world.clients.create({ clientId: 'l238j323ds-23ij4' });
    at(1419350300);
    const token = await world.tokens.issue({
      clientId: 'l238j323ds-23ij4',
      username: 'jdoe',
      scope: 'read write dolphin',
      sub: 'Z5O3upPC88QrAjx00dis',
      aud: [AUDIENCE],
      iss: ISSUER,
      exp: 1419356238,
      iat: 1419350238,
      extensions: { extension_field: 'twenty-seven' },
    });
    const answer = await world.introspect(token, { hint: 'access_token' });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(
      '{"active":true,"client_id":"l238j323ds-23ij4","username":"jdoe","scope":"read write dolphin",' +
        '"sub":"Z5O3upPC88QrAjx00dis","aud":["https://protected.example.net/resource"],' +
        '"iss":"https://server.example.com/","exp":1419356238,"iat":1419350238,' +
        '"token_type":"Bearer","extension_field":"twenty-seven","extended_claims":{}}',
    );
  });

  it('the mission’s example as a JSON Web Token has the same members', async () => {
    at(1419350300);
    const claims = {
      iss: ISSUER,
      client_id: 'l238j323ds-23ij4',
      username: 'jdoe',
      scope: 'read write dolphin',
      sub: 'Z5O3upPC88QrAjx00dis',
      aud: AUDIENCE,
      exp: 1419356238,
      iat: 1419350238,
      extension_field: 'twenty-seven',
    };
    const answer = await world.introspect(await sign(world.key, claims), { hint: 'pct' });
    expect(answer.json).toEqual({
      ...claims,
      active: true,
      aud: [AUDIENCE],
      token_type: 'Bearer',
      extended_claims: {},
    });
  });

  it('D1 integers, one scope string, nothing null', async () => {
    const jwt = await sign(
      world.key,
      world.claims({
        exp: inAnHour() + 0.9,
        iat: 1.5,
        nbf: 2.25,
        auth_time: 3.75,
        acr: null,
        scope: ['a', 'b'],
        extended_claims: null,
      }),
    );
    const opaque = await world.issue({
      scope: '',
      username: undefined,
      extensions: { auth_time: 4.5, acr: null, empty: '', no: false, zero: 0 },
    });
    const signed = expectActive(await world.introspect(jwt));
    expect(signed).toMatchObject({
      iat: 1,
      nbf: 3,
      auth_time: 3,
      scope: 'a b',
      extended_claims: {},
    });
    expect(Number.isInteger(signed['exp'])).toBe(true);
    const stored = expectActive(await world.introspect(opaque));
    expect(stored).toMatchObject({ auth_time: 4, empty: '', no: false, zero: 0 });
    for (const answer of [signed, stored]) {
      expect(answer['active']).toBe(true);
      expect(Object.values(answer)).not.toContain(null);
      expect(answer).not.toHaveProperty('acr');
      expect(answer).not.toHaveProperty('username');
    }
    expect(stored).not.toHaveProperty('scope');
  });

  it('D3 IA has no other member, for every cause', async () => {
    const revoked = await world.issue();
    await world.tokens.revoke(revoked);
    const causes = {
      unknown: 'unknown',
      expired: await world.issue({ exp: now() - 10 }),
      'not yet valid': await world.issue({ nbf: inAnHour() }),
      revoked,
      malformed: 'a.b.c',
      'badly signed': (await KINDS.jwt()).replace(/.{10}$/, 'AAAAAAAAAA'),
      'not for this caller': await world.issue({ aud: ['https://elsewhere.example'] }),
    };
    const answers = new Set<string>();
    for (const [cause, token] of Object.entries(causes)) {
      const { status, text, headers } = await world.introspect(token);
      const { date: _, 'x-request-id': _id, ...comparable } = headers;
      expect(text, cause).toBe('{"active":false}');
      answers.add(JSON.stringify([status, text, comparable]));
    }
    expect(answers.size).toBe(1);
  });

  it.each(kinds)('D4 now ≥ exp → IA, %s', async (kind) => {
    const exp = 2_000_000_000;
    const token = await KINDS[kind]({ exp });
    at(exp - 1);
    expect(expectActive(await world.introspect(token))['exp']).toBe(exp);
    at(exp - 0.001);
    expectActive(await world.introspect(token));
    for (const late of [exp, exp + 0.001, exp + 1, exp + 60, exp * 2]) {
      at(late);
      expectInactive(await world.introspect(token));
    }
  });

  it.each(kinds)('D4 a token that expires while its rows are read → IA, %s', async (kind) => {
    const exp = 2_000_000_000;
    const token = await KINDS[kind]({ exp });
    at(exp - 1);
    const release = await holdTable(world.dataSource, 'client');
    const answer = world.introspect(token);
    await heldQueries(world.dataSource, 1);
    at(exp);
    await release();
    expectInactive(await answer);
  });

  it('D4 a token without exp does not expire', async () => {
    const { exp: _, ...claims } = world.claims();
    const jwt = await sign(world.key, claims);
    const opaque = await world.issue({ exp: undefined });
    at(9_000_000_000);
    for (const token of [jwt, opaque]) {
      expect(expectActive(await world.introspect(token))).not.toHaveProperty('exp');
    }
  });

  it.each(kinds)('D5 now < nbf → IA, now = nbf → active, %s', async (kind) => {
    const nbf = 2_000_000_000;
    const token = await KINDS[kind]({ nbf, exp: nbf + 100 });
    for (const early of [nbf - 100, nbf - 1, nbf - 0.001]) {
      at(early);
      expectInactive(await world.introspect(token));
    }
    at(nbf);
    expectActive(await world.introspect(token));
  });

  it.each(kinds)('D6 revoke, then ask → IA at once, on every replica, %s', async (kind) => {
    const replica = await startHost(adapter === 'express' ? 'fastify' : 'express', {
      dataSource: world.dataSource,
      introspection: { jwks: { keys: [world.key.public] } },
    });
    const claims = world.claims({ jti: 'd6' });
    const token = kind === 'opaque' ? await world.issue() : await sign(world.key, claims);
    const everywhere = () =>
      Promise.all([
        world.introspect(token),
        ask(replica.origin, {
          headers: [...FORM, 'Authorization', world.authorization('rs')],
          body: `token=${token}`,
        }),
      ]);
    (await everywhere()).forEach(expectActive);
    await world.revoke(token);
    (await everywhere()).forEach(expectInactive);
    await replica.close();
  });

  it('D7 a JWT whose payload, signature or header was changed → IA, though its jti is live', async () => {
    const claims = world.claims({ jti: 'd7', scope: 'read' });
    const token = await sign(world.key, claims);
    const [header, payload, signature] = token.split('.') as [string, string, string];
    expectActive(await world.introspect(token));
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const flipped = (part: string, index: number) =>
      part.slice(0, index) + (part[index] === 'A' ? 'B' : 'A') + part.slice(index + 1);
    for (const changed of [
      [header, encode({ ...claims, scope: 'admin' }), signature],
      [header, encode({ ...claims, exp: inAnHour() * 2 }), signature],
      [header, flipped(payload, 20), signature],
      [encode({ alg: 'ES256', kid: world.key.kid, x: 1 }), payload, signature],
      [encode({ kid: world.key.kid, alg: 'ES256' }), payload, signature],
      [header, payload, flipped(signature, 0)],
      [header, payload, flipped(signature, 40)],
      [header, payload, flipped(signature, signature.length - 1)],
      [header, payload, `${signature}A`],
      [header, payload, `${signature}=`],
      [header, payload, signature.slice(0, -1)],
    ]) {
      expectInactive(await world.introspect(changed.join('.')));
    }
    // The last character of a 64-byte signature has four bits that decode to nothing.
    const last = signature.slice(-1);
    for (const other of 'AQgwBCDRhx') {
      if (other !== last) {
        expectInactive(await world.introspect(`${token.slice(0, -1)}${other}`));
      }
    }
  });

  it('D12 token_type is Bearer, or DPoP when the token is bound to a DPoP key', async () => {
    const cases: [object | undefined, string][] = [
      [undefined, 'Bearer'],
      [{ jkt: 'thumbprint' }, 'DPoP'],
      [{ 'x5t#S256': 'digest' }, 'Bearer'],
    ];
    for (const [cnf, type] of cases) {
      const confirmed = cnf as Record<string, unknown> | undefined;
      const opaque = await world.issue({ cnf: confirmed, extensions: { token_type: 'other' } });
      const jwt = await sign(world.key, world.claims({ cnf, token_type: 'other' }));
      for (const token of [opaque, jwt]) {
        const answer = expectActive(await world.introspect(token));
        expect(answer['token_type']).toBe(type);
        expect(answer['cnf']).toEqual(cnf);
      }
    }
  });

  it.each(kinds)('D13 client_id is the client that the token was issued to, %s', async (kind) => {
    const token = await KINDS[kind]();
    expect(expectActive(await world.introspect(token))['client_id']).toBe('app');
    expect(expectActive(await world.introspect(token, { as: 'auditor' }))['client_id']).toBe('app');
  });

  it('D20 a token whose client was disabled → IA, and active again when it is enabled', async () => {
    const clientId = 'd20-disabled';
    await world.clients.create({ clientId });
    const tokens = [
      await world.issue({ clientId }),
      await sign(world.key, world.claims({ client_id: clientId })),
      await sign(trustedKey, world.claims({ client_id: clientId, iss: TRUSTED })),
    ];
    for (const enabled of [true, false, true]) {
      await world.clients.setEnabled(clientId, enabled);
      for (const token of tokens) {
        (enabled ? expectActive : expectInactive)(await world.introspect(token));
      }
    }
  });

  it('D20 a client id that no client can have → as one that nobody has, and harms no other', async () => {
    const impossible = { client_id: 'a\u0000b' };
    const foreign = await sign(trustedKey, world.claims({ ...impossible, iss: TRUSTED }));
    const own = await sign(world.key, world.claims(impossible));
    const live = await world.issue();
    const answers = await Promise.all([foreign, own, live].map((token) => world.introspect(token)));
    expectActive(answers[0]!);
    expectInactive(answers[1]!);
    expectActive(answers[2]!);
  });

  it('D20 a token whose client was deleted → IA; a trusted issuer’s needs none here', async () => {
    const clientId = 'd20-deleted';
    await world.clients.create({ clientId });
    const own = [
      await world.issue({ clientId }),
      await sign(world.key, world.claims({ client_id: clientId })),
    ];
    const foreign = await sign(trustedKey, world.claims({ client_id: clientId, iss: TRUSTED }));
    await world.clients.delete(clientId);
    for (const token of own) expectInactive(await world.introspect(token));
    expect(expectActive(await world.introspect(foreign))['client_id']).toBe(clientId);
    await world.clients.create({ clientId });
    expectInactive(await world.introspect(own[0]!));
  });

  it('D20 a JWT from before its client was deleted stays IA when the id is registered again', async () => {
    const clientId = 'd20-again';
    const deletedAt = 2_000_000_000.5;
    const client = { clientId };
    const issuedAt = (iat: unknown, more = {}) =>
      sign(world.key, world.claims({ client_id: clientId, iat, exp: undefined, ...more }));
    const [before, unknown, sameSecond, after] = await Promise.all(
      [1_999_999_999, undefined, 2_000_000_000, 2_000_000_001].map((iat) => issuedAt(iat)),
    );
    const foreign = await sign(
      trustedKey,
      world.claims({ client_id: clientId, iss: TRUSTED, iat: undefined, exp: undefined }),
    );
    at(deletedAt - 1);
    await world.clients.create(client);
    for (const token of [before, unknown, sameSecond]) {
      expectActive(await world.introspect(token!));
    }
    at(deletedAt);
    await world.clients.delete(clientId);
    at(deletedAt + 1);
    await world.clients.create(client);
    for (const token of [before, unknown, sameSecond]) {
      expectInactive(await world.introspect(token!));
    }
    for (const token of [after, foreign]) expectActive(await world.introspect(token!));
    // It is so for good, and from the last deletion on.
    await world.clients.setEnabled(clientId, false);
    expectInactive(await world.introspect(after!));
    await world.clients.setEnabled(clientId, true);
    expectActive(await world.introspect(after!));
    at(deletedAt + 10);
    await world.clients.delete(clientId);
    await world.clients.create(client);
    expectInactive(await world.introspect(after!));
    expectActive(await world.introspect(await issuedAt(2_000_000_011)));
  });

  it('D20 a JWT from before its client was registered for the first time is active', async () => {
    const token = await sign(world.key, world.claims({ client_id: 'd20-first', iat: 1 }));
    await world.clients.create({ clientId: 'd20-first' });
    expectActive(await world.introspect(token));
  });

  it('D20 a JWT of our own issuer without a registered client → IA', async () => {
    expectInactive(
      await world.introspect(await sign(world.key, world.claims({ client_id: undefined }))),
    );
    expectInactive(
      await world.introspect(await sign(world.key, world.claims({ client_id: 'nobody' }))),
    );
    const foreign = await sign(trustedKey, world.claims({ client_id: undefined, iss: TRUSTED }));
    expect(expectActive(await world.introspect(foreign))).not.toHaveProperty('client_id');
  });
});
