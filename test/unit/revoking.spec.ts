import { describe, expect, it } from 'vitest';
import { revokeToken } from '../../src/decision/revoke-token.js';
import { revocationHash } from '../../src/jwt/revocation-hash.js';
import { base64url } from '../support/jwt.js';
import { startInProcess } from '../support/in-process.js';

const part = (value: unknown) => base64url(JSON.stringify(value));
const jwt = (claims: object) => `${part({ alg: 'ES256' })}.${part(claims)}.AAAA`;
const nothing = { findByDigest: async () => undefined, isRevoked: async () => false };

describe('Revoking', () => {
  const revoked: unknown[] = [];
  const tokens = { ...nothing, revoke: async (token: string) => token === 'known' };
  const revocations = {
    ...nothing,
    revoke: async (hash: Buffer, exp?: number) => void revoked.push([hash.toString('hex'), exp]),
  };

  it('takes a known opaque token, else a JWT that names its issuer, else nothing', async () => {
    const [late, endless] = [jwt({ iss: 'i', jti: 'a', exp: 7.5 }), jwt({ iss: 'i' })];
    expect(await revokeToken('known', { tokens, revocations })).toBe('opaque');
    expect(revoked).toEqual([]);
    expect(await revokeToken(late, { tokens, revocations })).toBe('jwt');
    expect(await revokeToken(endless, { tokens, revocations })).toBe('jwt');
    expect(revoked).toEqual([
      [revocationHash(late)!.toString('hex'), 7],
      [revocationHash(endless)!.toString('hex'), undefined],
    ]);
    for (const other of ['unknown', jwt({}), jwt({ iss: 7 }), 'a.b.c']) {
      expect(await revokeToken(other, { tokens, revocations })).toBeUndefined();
    }
    expect(revoked).toHaveLength(2);
  });

  it('needs repositories that can', async () => {
    const none = { tokens: nothing, revocations: nothing };
    await expect(revokeToken(jwt({ iss: 'i' }), none)).rejects.toThrow(
      'The JwtRevocationRepository that is bound here has no method revoke(hash, exp): it cannot revoke.',
    );
    await expect(revokeToken('opaque', none)).rejects.toThrow(
      'The OpaqueTokenRepository that is bound here has no method revoke(token): it cannot revoke.',
    );
    expect(await revokeToken(jwt({ iss: 'i' }), { tokens: nothing, revocations })).toBe('jwt');
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
