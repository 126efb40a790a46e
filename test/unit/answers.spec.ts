import { describe, expect, it } from 'vitest';
import type { TokenRecord } from '../../src/model/token-record.js';
import { activeResponse } from '../../src/decision/introspection-response.js';
import { recordOf } from '../../src/jwt/jwt-claims.js';

const ISSUER = 'https://server.example.com/';
const answer = (record: Partial<TokenRecord>) =>
  activeResponse({ origin: 'own', aud: [], ...record }, ISSUER);

const MEMBERS = {
  username: 'jdoe',
  scope: 'read write',
  sub: 'subject',
  aud: ['a', 'b'],
  iss: 'https://other.example',
  exp: 3,
  iat: 1,
  nbf: 2,
  jti: 'id',
  cnf: { jkt: 'thumbprint' },
};

describe('S5 An active answer', () => {
  it('has every member that is known', () => {
    const record = { ...MEMBERS, clientId: 'app', extendedClaims: { a: 1 }, extensions: { b: 2 } };
    expect(answer(record)).toStrictEqual({
      active: true,
      client_id: 'app',
      ...MEMBERS,
      token_type: 'DPoP',
      b: 2,
      extended_claims: { a: 1 },
    });
  });

  it('has no other', () => {
    const least = { active: true, token_type: 'Bearer', extended_claims: {} };
    expect(answer({})).toStrictEqual({ ...least, iss: ISSUER });
    expect(answer({ origin: 'trusted', scope: '' })).toStrictEqual(least);
    expect(answer({ cnf: { 'x5t#S256': 'x' } })['token_type']).toBe('Bearer');
  });

  it('keeps empty texts that mean something, and no member that a host left null', () => {
    expect(answer({ username: '', jti: '', sub: '' })).toMatchObject({
      username: '',
      jti: '',
      sub: '',
    });
    const none = { sub: null, cnf: null, exp: null } as never;
    expect(Object.keys(answer(none))).toEqual(['active', 'iss', 'token_type', 'extended_claims']);
  });

  it('has the prototype of every object', () => {
    const extensions = JSON.parse('{"__proto__":{"admin":true}}') as Record<string, unknown>;
    const made = answer({ extensions });
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(made['admin']).toBeUndefined();
  });

  it('D1 has no null, and a whole auth_time or none', () => {
    const of = (extensions: Record<string, unknown>) => answer({ iss: 'i', extensions });
    expect(
      of({ auth_time: 3.7, acr: null, act: undefined, no: false, zero: 0, empty: '' }),
    ).toEqual({ ...of({}), auth_time: 3, no: false, zero: 0, empty: '' });
    expect(of({ auth_time: '3' })).toStrictEqual(of({}));
  });

  it('is its own, whatever the extensions are called', () => {
    const usual = answer({ ...MEMBERS, clientId: 'app' });
    const hostile = Object.keys(usual).concat('__proto__');
    const extensions = Object.fromEntries(hostile.map((name) => [name, 'evil']));
    expect(answer({ ...MEMBERS, clientId: 'app', extensions })).toStrictEqual(usual);
    const { exp: _, username: _name, ...unknown } = MEMBERS;
    expect(answer({ ...unknown, extensions })).not.toMatchObject({ exp: 'evil' });
    expect(answer({ extensions })).toStrictEqual(answer({}));
  });
});

describe('The record of a JWT’s claims', () => {
  const claims = { ...MEMBERS, client_id: 'app', extended_claims: { a: 1 } };

  it('has its claims under their names, and all others as extensions', () => {
    const { aud, ...members } = MEMBERS;
    expect(recordOf({ ...claims, b: 2, acr: 'x' }, 'trusted')).toStrictEqual({
      origin: 'trusted',
      clientId: 'app',
      ...members,
      aud,
      extensions: { b: 2, acr: 'x' },
      extendedClaims: { a: 1 },
    });
  });

  it('has nothing that no claim says', () => {
    expect(recordOf({}, 'own')).toEqual({ origin: 'own', aud: [], extensions: {} });
  });

  it('F9 rounds times so that they shorten its life', () => {
    const times = { exp: 9.9, iat: 8.9, nbf: 7.1 };
    expect(recordOf(times, 'own')).toMatchObject({ exp: 9, iat: 8, nbf: 8 });
  });

  it('reads one audience or many, and scopes as text or as a list', () => {
    expect(recordOf({ aud: 'a', scope: ['x', 'y'] }, 'own')).toMatchObject({
      aud: ['a'],
      scope: 'x y',
    });
    expect(recordOf({ aud: ['a', 'b'] }, 'own')).toMatchObject({ aud: ['a', 'b'] });
    expect(recordOf({}, 'own')).toMatchObject({ aud: [] });
    expect(recordOf({ extended_claims: [1] }, 'own')!.extendedClaims).toBeUndefined();
    expect(recordOf({ extended_claims: null }, 'own')!.extendedClaims).toBeUndefined();
  });

  it.each([
    ...['client_id', 'username', 'sub', 'iss', 'jti'].flatMap((name) => [
      { [name]: 1 },
      { [name]: null },
    ]),
    ...['exp', 'iat', 'nbf'].flatMap((name) => [{ [name]: '1' }, { [name]: Infinity }]),
    ...[1, null, ['a', 1], {}].flatMap((wrong) => [{ aud: wrong }, { scope: wrong }]),
    ...['x', null, [], 1].map((cnf) => ({ cnf })),
  ])('F9 is none with %j', (wrong) => {
    expect(recordOf({ ...claims, ...wrong }, 'own')).toBeUndefined();
  });
});
