import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseBasicCredentials } from '../../src/clients/basic-credentials.js';
import {
  decoyOf,
  hashChosenSecret,
  hashSecret,
  isSlowHash,
  verifySecret,
} from '../../src/clients/secret-hash.js';
import { basic, basicRaw } from '../support/http.js';
import { STORAGES, startInProcess } from '../support/in-process.js';
import { cheapScrypt } from '../support/scrypt.js';

const NOW = 2_000_000_000;
const FAST = '$sha256$EhHjsU6gRNW33A8iMo545QTv6xrBc40OD1UMN4f431M';
const SLOW = cheapScrypt('slow secret', { ln: 4, r: 2, p: 3 });

describe.each(STORAGES)('A caller, with storage asked by %s,', (storage) => {
  let world: Awaited<ReturnType<typeof startInProcess>>;
  beforeAll(async () => {
    world = await startInProcess({ issuer: 'https://server.example.com/' }, storage);
    const secrets = [{ hash: FAST }, { hash: SLOW }];
    world.register('one', { secrets });
    world.register('disabled', { secrets, enabled: false });
    world.register('none');
    world.register('ending', { secrets: [{ hash: FAST, expiresAt: NOW }] });
    world.register('a b', { secrets: [{ hash: hashSecret('c d') }] });
    world.register('e+f', { secrets: [{ hash: hashSecret('g+h') }] });
    world.register('slow', { secrets: [{ hash: SLOW }] });
    world.register('broken', { secrets: [{ hash: '$argon2id$v=19$x' }] });
  });
  afterEach(() => void vi.useRealTimers());
  const authenticated = async (authorization: string) =>
    (await world.authenticate(parseBasicCredentials(authorization)!))?.clientId;

  it.each([
    ['with one of its secrets', basic('one', 'fast secret'), 'one'],
    ['with another of them', basic('one', 'slow secret'), 'one'],
    ['with that once more', basic('one', 'slow secret'), 'one'],
    ['with a wrong one', basic('one', 'slow secre'), undefined],
    ['with a hash', basic('one', FAST), undefined],
    ['that is not known', basic('nobody', 'fast secret'), undefined],
    ['that is disabled', basic('disabled', 'fast secret'), undefined],
    ['that is disabled, its slow secret remembered', basic('disabled', 'slow secret'), undefined],
    ['that has no secret', basic('none', 'x'), undefined],
    ['whose id and secret are encoded', basic('a b', 'c d'), 'a b'],
    ['whose id and secret are raw', basicRaw('e+f:g+h'), 'e+f'],
    ['whose id is encoded and secret raw', basicRaw('e%2Bf:g+h'), undefined],
    ['with a slow secret alone', basic('slow', 'slow secret'), 'slow'],
    ['with another’s', basic('slow', 'fast secret'), undefined],
  ])('B4, B8 %s', async (_what, authorization, expected) => {
    expect(await authenticated(authorization)).toBe(expected);
  });

  it('is let in until its secret ends', async () => {
    const right = basic('ending', 'fast secret');
    vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 - 1 });
    expect(await authenticated(right)).toBe('ending');
    vi.setSystemTime(NOW * 1000);
    expect(await authenticated(right)).toBeUndefined();
  });

  it('whose hash is in an unknown notation is a failure of ours', async () => {
    await expect(authenticated(basic('broken', 'x'))).rejects.toThrow(
      'A client has a secret hash in an unknown notation.',
    );
  });
});

describe('A secret’s hash', () => {
  it('B19 of a generated secret is its digest, whatever the release', () => {
    expect(hashSecret('fast secret')).toBe(FAST);
    expect(isSlowHash(FAST)).toBe(false);
    expect(verifySecret(FAST, 'fast secret')).toBe(true);
    for (const wrong of ['fast secre', 'fast secret ', '', FAST]) {
      expect(verifySecret(FAST, wrong)).toBe(false);
    }
    expect(verifySecret('$sha256$short', 'fast secret')).toBe(false);
  });

  it('of a chosen secret is scrypt in PHC notation, with a salt of its own', async () => {
    const [one, other] = await Promise.all([
      hashChosenSecret('chosen'),
      hashChosenSecret('chosen'),
    ]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(isSlowHash(one)).toBe(true);
    expect(await verifySecret(one, 'chosen')).toBe(true);
    expect(await verifySecret(one, 'Chosen')).toBe(false);
  });

  it('is read as it was written, whatever its cost', async () => {
    expect(await verifySecret(SLOW, 'slow secret')).toBe(true);
    expect(await verifySecret(SLOW, 'slow secret ')).toBe(false);
    for (const broken of [
      `x${SLOW}`,
      `${SLOW}=`,
      SLOW.replace('ln=4', 'ln=444'),
      '$scrypt$',
      'x',
    ]) {
      await expect(async () => verifySecret(broken, 'slow secret')).rejects.toThrow('notation');
    }
  });

  it('B4 has a decoy of the same notation and length, that no secret has', async () => {
    for (const [hash, secret] of [
      [FAST, 'fast secret'],
      [SLOW, 'slow secret'],
    ] as const) {
      const decoy = decoyOf(hash);
      expect(decoy).toHaveLength(hash.length);
      expect(decoy.slice(0, hash.lastIndexOf('$') + 1)).toBe(
        hash.slice(0, hash.lastIndexOf('$') + 1),
      );
      expect(decoy).not.toBe(hash);
      expect(await verifySecret(decoy, secret)).toBe(false);
    }
  });
});
