import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verifySecret } from '../../src/clients/secret-hash.js';
import {
  ClientExistsError,
  ClientNotFoundError,
  TypeOrmClientRepository,
  TypeOrmJwtRevocationRepository,
  TypeOrmOpaqueTokenRepository,
  tokenDigest,
} from '../../src/index.js';
import type { Client, ClientChanges, NewOpaqueToken, TokenRecord } from '../../src/index.js';
import { IntrospectionTesting } from '../../src/testing/index.js';
import { databaseForTest } from '../support/database.js';

/** What a host's services and tests see of our repositories. */
interface Repositories {
  clients: Pick<TypeOrmClientRepository, keyof IntrospectionTesting['clients']>;
  tokens: Pick<TypeOrmOpaqueTokenRepository, keyof IntrospectionTesting['tokens']>;
  revocations: Pick<TypeOrmJwtRevocationRepository, keyof IntrospectionTesting['revocations']>;
}

async function inPostgres(): Promise<Repositories> {
  const { dataSource } = await databaseForTest();
  return {
    clients: new TypeOrmClientRepository(dataSource),
    tokens: new TypeOrmOpaqueTokenRepository(dataSource),
    revocations: new TypeOrmJwtRevocationRepository(dataSource),
  };
}

afterEach(() => vi.useRealTimers());
const at = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: seconds * 1000 });

/** What a token has to be like at the least. */
const BARE = { clientId: 'a', aud: [], revoked: false };

describe.each([
  ['Postgres', inPostgres],
  ['memory', async (): Promise<Repositories> => new IntrospectionTesting()],
])('Repositories in %s', (_storage, make) => {
  describe('clients', () => {
    it('have defaults for everything but the id', async () => {
      const { clients } = await make();
      await clients.create({ clientId: 'a' });
      expect(await clients.find('a')).toEqual({
        clientId: 'a',
        enabled: true,
        mayIntrospect: true,
        audiences: [],
        anyAudience: false,
        secrets: [{ hash: expect.stringMatching(/^\$sha256\$[\w-]{43}$/) }],
      });
    });

    it('are found as they were registered, and listed by id without secrets', async () => {
      const { clients } = await make();
      const audiences = ['https://b.example', 'https://a.example'];
      const b = { clientId: 'b', name: 'B', audiences, anyAudience: true, mayIntrospect: false };
      await clients.create(b);
      await clients.create({ clientId: 'a' });
      expect(await clients.find('b')).toMatchObject({ ...b, enabled: true });
      const list = await clients.list();
      expect(list.map(({ clientId }) => clientId)).toEqual(['a', 'b']);
      expect(list[1]).toEqual({ ...b, enabled: true });
      expect(list[0]).not.toHaveProperty('secrets');
    });

    it('have ids that are taken once', async () => {
      const { clients } = await make();
      const { clientSecret } = await clients.create({ clientId: 'a', name: 'first' });
      await expect(clients.create({ clientId: 'a' })).rejects.toThrow(ClientExistsError);
      const found = await clients.find('a');
      expect(found).toMatchObject({ name: 'first' });
      expect(await verifySecret(found!.secrets[0]!.hash, clientSecret)).toBe(true);
    });

    it('that are not there are said so', async () => {
      const { clients } = await make();
      for (const clientId of ['a', '', 'a\0', '__proto__']) {
        expect(await clients.find(clientId)).toBeUndefined();
      }
      await expect(clients.rotateSecret('a')).rejects.toThrow(ClientNotFoundError);
      await expect(clients.setEnabled('a', true)).rejects.toThrow('There is no client "a".');
      await expect(clients.update('a', { name: 'B' })).rejects.toThrow(ClientNotFoundError);
      await expect(clients.delete('a')).rejects.toThrow(ClientNotFoundError);
      expect(await clients.list()).toEqual([]);
    });

    it('are disabled and enabled again for the next who asks', async () => {
      const { clients } = await make();
      await clients.create({ clientId: 'a' });
      for (const enabled of [false, true]) {
        await clients.setEnabled('a', enabled);
        expect(await clients.find('a')).toMatchObject({ enabled });
      }
    });

    it.each<[changes: ClientChanges, changed: object]>([
      [{ name: 'B' }, { name: 'B' }],
      [{ name: null }, { name: undefined }],
      [{ audiences: ['https://b.example'] }, { audiences: ['https://b.example'] }],
      [{ audiences: [] }, { audiences: [] }],
      [
        { anyAudience: true, mayIntrospect: false },
        { anyAudience: true, mayIntrospect: false },
      ],
    ])('are changed by %j, and keep the rest', async (changes, changed) => {
      const { clients } = await make();
      await clients.create({ clientId: 'a', name: 'A', audiences: ['https://a.example'] });
      const before = await clients.find('a');
      await clients.update('a', changes);
      expect(await clients.find('a')).toEqual({ ...before, ...changed });
    });

    it('may choose their secrets, which are stored as scrypt', async () => {
      const { clients } = await make();
      await clients.create({ clientId: 'generated' });
      expect(await clients.findChosenSecret()).toBeUndefined();
      expect(await clients.create({ clientId: 'a', secret: 'hunter2' })).toEqual({
        clientId: 'a',
        clientSecret: 'hunter2',
      });
      const hash = await clients.findChosenSecret();
      expect(hash).toMatch(/^\$scrypt\$/);
      expect((await clients.find('a'))!.secrets).toEqual([{ hash }]);
    });

    it('D20 whose id is registered again remember their last deletion', async () => {
      const { clients } = await make();
      // The clock of another server may be behind.
      for (const seconds of [2_000_000_005, 2_000_000_000]) {
        await clients.create({ clientId: 'a' });
        at(seconds);
        await clients.delete('a');
        expect(await clients.find('a')).toBeUndefined();
      }
      await clients.create({ clientId: 'a' });
      expect(await clients.find('a')).toMatchObject({ tokensFrom: 2_000_000_005 });
    });

    // Seconds after each rotation, and until when each of the secrets works, the last one first.
    it.each<[keepOld: number[], ends: (number | undefined)[]]>([
      [[], [undefined]],
      [[0], [undefined]],
      [[60], [undefined, 60]],
      [
        [60, 3600],
        [undefined, 3600, 60],
      ],
      [
        [3600, 60],
        [undefined, 60, 60],
      ],
      [[3600, 0], [undefined]],
    ])('whose secrets rotate, keeping the old for %j s', async (rotations, ends) => {
      const { clients } = await make();
      at(2_000_000_000);
      const secrets = [(await clients.create({ clientId: 'a' })).clientSecret];
      for (const keepOld of rotations) {
        secrets.unshift((await clients.rotateSecret('a', { keepOld })).clientSecret);
      }
      const { secrets: stored } = (await clients.find('a'))!;
      expect(stored).toHaveLength(ends.length);
      for (const [index, end] of ends.entries()) {
        const expiresAt = end === undefined ? undefined : 2_000_000_000 + end;
        expect(await endOf(stored, secrets[index]!)).toEqual({ expiresAt });
      }
    });
  });

  describe('opaque tokens', () => {
    it.each<[what: string, token: Omit<NewOpaqueToken, 'clientId'>, stored?: object]>([
      ['only a client', {}],
      [
        'every fact',
        {
          username: 'jdoe',
          sub: 's',
          scope: 'a b',
          aud: ['https://a.example', 'https://b.example'],
          iss: 'https://server.example',
          iat: 1,
          nbf: 2,
          exp: 3,
          jti: 'j',
          cnf: { jkt: 'k' },
          extensions: { acr: '1', nested: { list: [1, null] } },
          extendedClaims: { x: {} },
        },
      ],
      [
        'facts that JSON leaves out',
        { extensions: { a: 1, b: undefined } },
        { extensions: { a: 1 } },
      ],
      ['times before the epoch', { iat: -5, exp: 0 }],
    ])('with %s are found as they were issued', async (_what, token, stored) => {
      const { clients, tokens } = await make();
      await clients.create({ clientId: 'a' });
      const value = await tokens.issue({ clientId: 'a', ...token });
      const expected = { ...BARE, ...token, ...stored };
      const record = (await tokens.findByDigest(tokenDigest(value))) as Partial<TokenRecord>;
      const { origin: _origin, ...found } = record;
      expect(found).toEqual(expected);
    });

    it('are new each time, and others are unknown', async () => {
      const { clients, tokens } = await make();
      await clients.create({ clientId: 'a' });
      const values = [await tokens.issue({ clientId: 'a' }), await tokens.issue({ clientId: 'a' })];
      expect(new Set(values).size).toBe(2);
      for (const value of values) expect(Buffer.from(value, 'base64url')).toHaveLength(32);
      expect(await tokens.findByDigest(randomBytes(32))).toBeUndefined();
    });

    it('of a client that is not there cannot be issued', async () => {
      const { tokens } = await make();
      await expect(tokens.issue({ clientId: 'nobody' })).rejects.toThrow(
        new ClientNotFoundError('nobody'),
      );
    });

    it.each(['iat', 'nbf', 'exp'])('with a fraction in %s cannot be issued', async (time) => {
      const { clients, tokens } = await make();
      await clients.create({ clientId: 'a' });
      await expect(tokens.issue({ clientId: 'a', [time]: 2_000_000_000.5 })).rejects.toThrow(
        '2000000000.5',
      );
    });

    it('are revoked once and for all', async () => {
      const { clients, tokens } = await make();
      await clients.create({ clientId: 'a' });
      const [token, other] = [
        await tokens.issue({ clientId: 'a', sub: 's' }),
        await tokens.issue({ clientId: 'a' }),
      ];
      for (let times = 0; times < 2; times++) {
        expect(await tokens.revoke(token)).toBe(true);
        expect(await tokens.findByDigest(tokenDigest(token))).toMatchObject({
          sub: 's',
          revoked: true,
        });
      }
      expect(await tokens.findByDigest(tokenDigest(other))).toMatchObject({ revoked: false });
      expect(await tokens.revoke('unknown')).toBe(false);
    });

    it('go with their client', async () => {
      const { clients, tokens } = await make();
      await clients.create({ clientId: 'a' });
      await clients.create({ clientId: 'b' });
      const [a, b] = [await tokens.issue({ clientId: 'a' }), await tokens.issue({ clientId: 'b' })];
      await clients.delete('a');
      await clients.create({ clientId: 'a' });
      expect(await tokens.findByDigest(tokenDigest(a))).toBeUndefined();
      expect(await tokens.findByDigest(tokenDigest(b))).toBeDefined();
    });
  });

  it('revocations of JWTs count from when they are made', async () => {
    const { revocations } = await make();
    const hashes = [randomBytes(32), randomBytes(32), randomBytes(32)];
    await revocations.revoke(hashes[0]!);
    await revocations.revoke(hashes[1]!, 5);
    const revoked = await Promise.all(hashes.map((hash) => revocations.isRevoked(hash)));
    expect(revoked).toEqual([true, true, false]);
  });

  it('D21 what expired a day ago is purged, batch by batch, and nothing else', async () => {
    const { clients, tokens, revocations } = await make();
    await clients.create({ clientId: 'a' });
    at(2_000_000_000 + 86_400);
    const exps = [1, 2, 3, 1_999_999_999, 2_000_000_000, 2_000_000_001, undefined];
    const kept: Buffer[] = [];
    for (const [index, exp] of exps.entries()) {
      const digest = tokenDigest(await tokens.issue({ clientId: 'a', exp }));
      await revocations.revoke(Buffer.alloc(32, index), exp);
      if (index >= 5) kept.push(digest);
    }
    for (const repository of [tokens, revocations]) {
      const counts: unknown[] = [];
      for (let times = 0; times < 4; times++) counts.push(await repository.purge(2));
      expect(counts).toEqual([2, 2, 1, 0]);
    }
    for (const digest of kept) expect(await tokens.findByDigest(digest)).toBeDefined();
    const revoked = exps.map((_, index) => revocations.isRevoked(Buffer.alloc(32, index)));
    expect(await Promise.all(revoked)).toEqual([...Array<boolean>(5).fill(false), true, true]);
  });

  // Each pair revokes one JWT twice; the revocation is there as long as the later of the two says.
  it.each<[first: number | undefined, second: number | undefined, isKept: boolean]>([
    [5, 9, false],
    [2_000_000_001, 5, true],
    [5, 2_000_000_001, true],
    [1_999_999_999.2, 1, false],
    [2_000_000_000.2, 1, true],
    [undefined, 5, true],
    [5, undefined, true],
    [1e20, 5, true],
    [-5, -9, false],
  ])('D21 a JWT revoked until %s and until %s', async (first, second, isKept) => {
    const { revocations } = await make();
    const hash = randomBytes(32);
    at(2_000_000_000 + 86_400);
    await revocations.revoke(hash, first);
    await revocations.revoke(hash, second);
    expect(await revocations.isRevoked(hash)).toBe(true);
    await revocations.purge(10);
    expect(await revocations.isRevoked(hash)).toBe(isKept);
  });
});

/** When a secret expires, by its hash among those that are stored. */
async function endOf(stored: Client['secrets'], secret: string) {
  for (const { hash, expiresAt } of stored) {
    if (await verifySecret(hash, secret)) return { expiresAt };
  }
  return undefined;
}
