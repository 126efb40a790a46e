import { describe, expect, it } from 'vitest';
import { revokeToken } from '../../src/decision/revoke-token.js';
import { revocationHash } from '../../src/jwt/revocation-hash.js';
import { base64url } from '../support/jwt.js';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { JwtVerifier } from '../../src/jwt/jwt-verifier.js';
import { startInProcess } from '../support/in-process.js';

const part = (value: unknown) => base64url(JSON.stringify(value));
const jwt = (claims: object) => `${part({ alg: 'ES256' })}.${part(claims)}.AAAA`;
const verifier = new JwtVerifier(new IntrospectionSettings({ issuer: 'i' }), {
  keySet: () => undefined,
});
const nothing = { findByDigest: async () => undefined, isRevoked: async () => false };

describe('Revoking', () => {
  const revoked: unknown[] = [];
  const tokens = { ...nothing, revoke: async (token: string) => token === 'known' };
  const revocations = {
    ...nothing,
    revoke: async (hash: Buffer, exp?: number) => void revoked.push([hash.toString('hex'), exp]),
  };

  it('takes a known opaque token, else a JWT that names its issuer, else nothing', async () => {
    const [late, endless] = [jwt({ iss: 'i', exp: 7.5 }), jwt({ iss: 'i' })];
    expect(await revokeToken('known', { tokens, revocations, verifier })).toBe('opaque');
    expect(revoked).toEqual([]);
    expect(await revokeToken(late, { tokens, revocations, verifier })).toBe('jwt');
    expect(await revokeToken(endless, { tokens, revocations, verifier })).toBe('jwt');
    expect(revoked).toEqual([
      [revocationHash(late)!.toString('hex'), 7],
      [revocationHash(endless)!.toString('hex'), undefined],
    ]);
    for (const other of ['unknown', jwt({}), jwt({ iss: 7 }), 'a.b.c']) {
      expect(await revokeToken(other, { tokens, revocations, verifier })).toBeUndefined();
    }
    expect(revoked).toHaveLength(2);
  });

  it.each<[string, object, number | undefined]>([
    ['a fraction', { exp: 7.5 }, 7],
    ['no end', {}, undefined],
    ['an end beyond what is stored', { exp: 1e20 }, undefined],
    ['the last end that is stored', { exp: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER],
    ['an end before the epoch', { exp: -7 }, 0],
    ['the first end', { exp: 0 }, 0],
    ['a jti that nobody has signed', { jti: 'a', exp: 7 }, undefined],
  ])('D21 of a JWT with %s is kept as long as that', async (_what, claims, exp) => {
    await revokeToken(jwt({ iss: 'i', ...claims }), { tokens, revocations, verifier });
    expect(revoked.at(-1)).toEqual([
      revocationHash(jwt({ iss: 'i', ...claims }))!.toString('hex'),
      exp,
    ]);
  });

  it('D21 of a JWT whose keys cannot be had is kept for ever', async () => {
    for (const keySet of [
      () => {
        throw new Error('no keys');
      },
      () => Promise.reject(new Error('no keys')),
      () => ({ find: () => Promise.reject(new Error('no keys')) }),
    ]) {
      const failing = new JwtVerifier(new IntrospectionSettings({ issuer: 'i' }), { keySet });
      const token = jwt({ iss: 'i', jti: 'a', exp: 7 });
      expect(await revokeToken(token, { tokens, revocations, verifier: failing })).toBe('jwt');
      expect(revoked.at(-1)).toEqual([expect.any(String), undefined]);
    }
  });

  it('needs repositories that can', async () => {
    const none = { tokens: nothing, revocations: nothing, verifier };
    await expect(revokeToken(jwt({ iss: 'i' }), none)).rejects.toThrow(
      'The JwtRevocationRepository that is bound here has no method revoke(hash, exp): it cannot revoke.',
    );
    await expect(revokeToken('opaque', none)).rejects.toThrow(
      'The OpaqueTokenRepository that is bound here has no method revoke(token): it cannot revoke.',
    );
    expect(await revokeToken(jwt({ iss: 'i' }), { tokens: nothing, revocations, verifier })).toBe(
      'jwt',
    );
  });

  it('goes by the service to the repositories that are bound', async () => {
    const world = await startInProcess({ issuer: 'https://server.example.com/' });
    Object.assign(world.ports.tokens, { revoke: async (token: string) => token === 'known' });
    Object.assign(world.ports.revocations, { revoke: async () => {} });
    expect(await world.service.revoke('known')).toBe('opaque');
    expect(await world.service.revoke(jwt({ iss: 'i' }))).toBe('jwt');
    expect(await world.service.revoke('unknown')).toBeUndefined();
  });

  it('a hint that is not supported begins no look-up', async () => {
    const { service } = await startInProcess({ issuer: 'https://server.example.com/' });
    expect(service.lookUpIfSupported('token', 'refresh_token')).toBeUndefined();
    expect(service.lookUpIfSupported('token', 'other')).toBeUndefined();
    expect(service.lookUpIfSupported('token', 'pct')).toMatchObject({
      token: 'token',
      hint: 'pct',
    });
  });
});
