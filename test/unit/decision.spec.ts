import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  InvalidTokenError,
  TemporarilyUnavailableError,
  UnsupportedTokenTypeError,
} from '../../src/model/oauth-error.js';
import { revocationHash } from '../../src/jwt/revocation-hash.js';
import type { OpaqueTokenRecord } from '../../src/model/token-record.js';
import { STORAGES, startInProcess } from '../support/in-process.js';
import { hmac, sign, signUnder, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';

const ISSUER = 'https://server.example.com/';
const TRUSTED = 'https://trusted.example';
const NOW = 2_000_000_000;
const API = 'https://api.example';

describe.each(STORAGES)('With storage asked by %s', (storage) => {
  let own: SigningKey;
  let trusted: SigningKey;
  let world: Awaited<ReturnType<typeof startInProcess>>;
  const options = () => ({
    issuer: ISSUER,
    jwks: { keys: [own.public] },
    trustedIssuers: [{ issuer: TRUSTED, jwks: { keys: [trusted.public] } }],
  });
  beforeAll(async () => {
    [own, trusted] = await Promise.all([signingKey('ES256'), signingKey('ES256')]);
    world = await startInProcess(options(), storage);
    world.register('app');
    world.register('disabled', { enabled: false });
    vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 });
    return () => vi.useRealTimers();
  });
  afterEach(() => void vi.setSystemTime(NOW * 1000));

  const caller = { clientId: 'api', audiences: [API], anyAudience: false };
  /** What is answered, and the private reason where it is inactive. */
  const decide = async (token: string, hint?: string, by = caller) => {
    const request = hint === undefined ? { token } : { token, token_type_hint: hint };
    const answer = await world.service.introspect(request, by, { requestId: 'request-1' });
    const event = world.decided.at(-1)!;
    expect(event).toMatchObject({ active: answer.active, callerId: 'api', requestId: 'request-1' });
    if (!answer.active) expect(answer).toEqual({ active: false });
    return answer.active ? answer : event.reason;
  };
  const claims = (more: Record<string, unknown> = {}) => ({
    iss: ISSUER,
    client_id: 'app',
    ...more,
  });

  const records: [string, Partial<OpaqueTokenRecord>, string | undefined][] = [
    ['live', { exp: NOW + 1, nbf: NOW }, undefined],
    ['without times', {}, undefined],
    ['revoked', { revoked: true }, 'revoked'],
    ['D4 at its end', { exp: NOW }, 'expired'],
    ['D4 past its end', { exp: NOW - 1 }, 'expired'],
    ['D4 with the end 0', { exp: 0 }, 'expired'],
    ['D5 before its beginning', { nbf: NOW + 1 }, 'not_yet_valid'],
    ['D20 of a disabled client', { clientId: 'disabled' }, 'client_disabled'],
    ['D20 of nobody', { clientId: 'nobody' }, 'client_unknown'],
    ['S7 for the caller', { aud: ['x', API] }, undefined],
    ['S7 for others', { aud: ['x', `${API}/`] }, 'not_for_caller'],
    ['S7 for others, and over', { aud: ['x'], exp: 1 }, 'not_for_caller'],
  ];

  describe('An opaque token', () => {
    it.each(records)('%s', async (what, record, reason) => {
      const token = world.issue(what, record);
      for (const hint of [undefined, 'access_token', 'pct']) {
        const answer = await decide(token, hint);
        if (reason === undefined) expect(answer).toMatchObject({ active: true });
        else expect(answer).toBe(reason);
      }
    });

    it('S7 is seen by the client that it was issued to, and by whoever sees all', async () => {
      const token = world.issue('restricted', { aud: ['x'] });
      const other = { clientId: 'api', audiences: [], anyAudience: true };
      expect(await decide(token, undefined, other)).toMatchObject({ active: true, aud: ['x'] });
      expect(world.decided.at(-1)!.clientId).toBe('app');
      world.register('api');
      const mine = world.issue('mine', { aud: ['x'], clientId: 'api' });
      expect(await decide(mine)).toMatchObject({ active: true });
    });

    it('A20 that is not well formed, or that nobody knows, is unrecognised', async () => {
      const replaced = world.issue('\ufffd', {});
      expect(await decide(replaced)).toMatchObject({ active: true });
      expect(await decide('\ud800')).toBe('unrecognized');
      expect(await decide('')).toBe('unrecognized');
      expect(await decide('unknown')).toBe('unrecognized');
      expect(world.decided.at(-1)).not.toHaveProperty('clientId', 'app');
    });
  });

  describe('A request', () => {
    it.each(['refresh_token', 'id_token', '__proto__', ''])(
      'S2, S3 with the hint %j is refused',
      async (token_type_hint) => {
        const asked = world.service.introspect({ token: 'x', token_type_hint }, caller);
        await expect(asked).rejects.toThrow(UnsupportedTokenTypeError);
        await expect(asked).rejects.toThrow(
          token_type_hint === 'refresh_token'
            ? 'Introspecting refresh tokens is not supported.'
            : 'This server supports no such token_type_hint.',
        );
      },
    );

    it('S3, S6 by option: unknown hints are ignored, unknown tokens are errors', async () => {
      const lenient = await startInProcess(
        { ...options(), unknownHints: 'ignore', unrecognizedTokens: 'error' },
        storage,
      );
      lenient.register('app');
      const ask = (token: string, hint: string) =>
        lenient.service.introspect({ token, token_type_hint: hint }, caller);
      expect(await ask(lenient.issue('a', {}), 'id_token')).toMatchObject({ active: true });
      expect(await ask(lenient.issue('b', { exp: 1 }), 'id_token')).toEqual({ active: false });
      await expect(ask('unknown', 'id_token')).rejects.toThrow(InvalidTokenError);
      await expect(ask('a', 'refresh_token')).rejects.toThrow(UnsupportedTokenTypeError);
    });

    it('E6 that meets a failure of ours is not answered', async () => {
      const failure = new Error('down');
      const token = await sign(own, claims({ jti: 'fails' }));
      const down = [
        vi.spyOn(world.ports.tokens, 'findByDigest'),
        vi.spyOn(world.ports.revocations, 'isRevoked'),
      ];
      for (const spy of down) {
        if (storage === 'rows') world.rows.failure = failure;
        else spy.mockRejectedValue(failure);
        const asked = world.service.introspect({ token, token_type_hint: 'access_token' }, caller);
        await expect(asked).rejects.toThrow(TemporarilyUnavailableError);
        await expect(asked).rejects.toMatchObject({ cause: failure });
        spy.mockRestore();
        world.rows.failure = undefined;
      }
    });

    it('S1, S4 is looked at by the hinted strategy first, and by all', () => {
      const [opaque, jwt] = world.registry.inOrder('access_token');
      expect(jwt!.strategy).toBe(world.strategies.jwt);
      expect(opaque!.strategy).toBe(world.strategies.opaque);
      expect(world.registry.inOrder('pct')).toEqual([jwt, opaque]);
      expect(world.registry.inOrder(undefined)).toHaveLength(2);
      expect([...world.registry.hints].sort((a, b) => a.localeCompare(b))).toEqual([
        'access_token',
        'pct',
      ]);
    });
  });

  const jwts: [string, Record<string, unknown>, Record<string, unknown>, string | undefined][] = [
    ['live', { exp: NOW + 1 }, {}, undefined],
    ['typed', {}, { typ: 'application/AT+JWT' }, undefined],
    ['typed JWT', {}, { typ: 'JWT' }, undefined],
    ['F6 of another type', {}, { typ: 'dpop+jwt' }, 'type_not_allowed'],
    ['F6 of a type with more before it', {}, { typ: 'x/application/at+jwt' }, 'type_not_allowed'],
    ['F6 of a type with it inside', {}, { typ: 'at+application/jwt' }, 'type_not_allowed'],
    ['F6 of no type', {}, { typ: null }, 'type_not_allowed'],
    ['F1 with no algorithm', {}, { alg: 'none' }, 'algorithm_not_allowed'],
    ['F1 with an algorithm that is a list', {}, { alg: ['ES256'] }, 'algorithm_not_allowed'],
    ['F1 with another curve’s', {}, { alg: 'ES384' }, 'no_matching_key'],
    ['F8 critical', {}, { crit: ['b64'] }, 'critical_header'],
    ['F3 with a kid that is a number', {}, { kid: 1 }, 'malformed'],
    ['F3 with another kid', {}, { kid: 'x' }, 'no_matching_key'],
    ['F5 of another issuer’s key', { iss: TRUSTED }, { kid: undefined }, 'bad_signature'],
    ['F5 of an issuer that is not trusted', { iss: 'https://nobody' }, {}, 'untrusted_issuer'],
    ['F5 without issuer', { iss: 1 }, {}, 'unrecognized'],
    ['F9 with a claim of the wrong type', { sub: 1 }, {}, 'malformed'],
    ['D4 over', { exp: NOW }, {}, 'expired'],
    ['D5 not yet', { nbf: NOW + 0.5 }, {}, 'not_yet_valid'],
    ['D20 of a disabled client', { client_id: 'disabled' }, {}, 'client_disabled'],
    ['D20 of nobody’s client', { client_id: 'nobody' }, {}, 'client_unknown'],
    ['D20 of no client', { client_id: undefined }, {}, 'client_unknown'],
    ['S7 for others', { aud: 'x' }, {}, 'not_for_caller'],
  ];

  describe('A JSON Web Token', () => {
    it.each(jwts)('%s', async (_what, more, header, reason) => {
      const payload = JSON.stringify(claims(more));
      const full = JSON.stringify({ alg: 'ES256', kid: own.kid, ...header });
      const token = await signUnder(own, payload, full);
      // The second time its signature is remembered.
      for (const hint of ['pct', 'access_token']) {
        const answer = await decide(token, hint);
        if (reason === undefined) expect(answer).toMatchObject({ active: true, iss: ISSUER });
        else expect(answer).toBe(reason);
      }
    });

    it('F2, F9 with another signature, or in another shape', async () => {
      const token = await sign(own, claims());
      const [header, payload, signature] = token.split('.') as [string, string, string];
      const zero = Buffer.alloc(64).toString('base64url');
      expect(await decide(`${header}.${payload}.${zero}`)).toBe('bad_signature');
      expect(await decide(hmac('x', { alg: 'HS256' }, claims()))).toBe('algorithm_not_allowed');
      for (const other of [`${header}.${payload}`, `${token}.`, `${token}=`, `.${payload}.`, '.']) {
        expect(await decide(other)).toBe('unrecognized');
      }
      expect(await decide(`${header}.${payload}.${signature}`)).toMatchObject({ active: true });
    });

    it('F5 of an issuer that is not trusted is none of this strategy’s', async () => {
      const token = await sign(own, claims({ iss: 'https://nobody' }));
      expect(await world.strategies.jwt.find(token)).toBeUndefined();
      const strict = await startInProcess({ ...options(), unrecognizedTokens: 'error' }, storage);
      await expect(strict.service.introspect({ token }, caller)).rejects.toThrow(InvalidTokenError);
    });

    it('D6 is revoked, remembered or not', async () => {
      const payload = claims({ jti: 'd6' });
      const token = await sign(own, payload);
      expect(await decide(token)).toMatchObject({ jti: 'd6' });
      world.revoked.add(revocationHash(token)!.toString('hex'));
      expect(await decide(token)).toBe('revoked');
    });

    it('D20 is as its client is now, remembered or not', async () => {
      world.register('switched');
      const token = await sign(own, claims({ client_id: 'switched' }));
      expect(await decide(token)).toMatchObject({ client_id: 'switched' });
      world.register('switched', { enabled: false });
      expect(await decide(token)).toBe('client_disabled');
      world.clients.delete('switched');
      expect(await decide(token)).toBe('client_unknown');
    });

    it('D20 of a trusted issuer needs no client here, but not a disabled one', async () => {
      const of = (client_id?: string) =>
        sign(trusted, claims({ iss: TRUSTED, client_id, aud: API }));
      expect(await decide(await of('nobody'))).toMatchObject({ iss: TRUSTED });
      expect(await decide(await of())).toMatchObject({ active: true });
      expect(await decide(await of('disabled'))).toBe('client_disabled');
    });

    it('D20 from before the id of its client was deleted is that of an unknown client', async () => {
      const from = NOW - 99.5;
      world.register('again', { tokensFrom: from });
      world.register('again, disabled', { tokensFrom: from, enabled: false });
      const issued = (iat: number | undefined, client_id = 'again') =>
        sign(own, claims({ client_id, iat }));
      for (const iat of [undefined, 0, -1, NOW - 100, NOW - 99.4]) {
        expect(await decide(await issued(iat))).toBe('client_unknown');
        expect(await decide(await issued(iat, 'again, disabled'))).toBe('client_unknown');
      }
      for (const iat of [NOW - 99, NOW]) {
        expect(await decide(await issued(iat))).toMatchObject({ active: true });
        expect(await decide(await issued(iat, 'again, disabled'))).toBe('client_disabled');
      }
      const foreign = { iss: TRUSTED, client_id: 'again', iat: 0, aud: API };
      expect(await decide(await sign(trusted, claims(foreign)))).toMatchObject({ active: true });
      foreign.client_id = 'again, disabled';
      expect(await decide(await sign(trusted, claims(foreign)))).toBe('client_disabled');
      world.register('epoch', { tokensFrom: 0 });
      expect(await decide(await issued(undefined, 'epoch'))).toBe('client_unknown');
      expect(await decide(await issued(0, 'epoch'))).toMatchObject({ active: true });
    });

    it('S7 of a trusted issuer is seen by its audiences, and by whoever sees all', async () => {
      world.register('api');
      for (const more of [{}, { aud: [] }, { aud: 'x' }, { client_id: 'api', aud: 'x' }]) {
        const token = await sign(trusted, claims({ iss: TRUSTED, ...more }));
        expect(await decide(token)).toBe('not_for_caller');
        const all = { ...caller, anyAudience: true };
        expect(await decide(token, undefined, all)).toMatchObject({ iss: TRUSTED });
      }
    });

    it('F6 is narrowed to RFC 9068 by option', async () => {
      const narrow = await startInProcess({ ...options(), jwtTypes: 'at+jwt' }, storage);
      narrow.register('app');
      const plain = await sign(own, claims());
      const typed = await sign(own, claims(), { typ: 'at+jwt' });
      for (const hint of ['pct', 'access_token']) {
        const ask = (token: string) =>
          narrow.service.introspect({ token, token_type_hint: hint }, caller);
        expect(await ask(plain)).toEqual({ active: false });
        expect(await ask(await sign(own, claims(), { typ: 'JWT' }))).toEqual({ active: false });
        expect(await ask(typed)).toMatchObject({ active: true });
      }
    });
  });
});
