import { importJWK } from 'jose';
import type { CryptoKey } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IntrospectionSettings } from '../../src/config/settings.js';
import type { KeyHeader, KeySet } from '../../src/model/key-source.js';
import type { Finding } from '../../src/model/introspection-strategy.js';
import { JwtVerifier } from '../../src/jwt/jwt-verifier.js';
import { JwtStrategy } from '../../src/jwt/jwt.strategy.js';
import { sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';

const ISSUER = 'https://server.example.com/';
const ALIAS = 'https://old.example.com';

let one: SigningKey;
let other: SigningKey;
beforeAll(async () => {
  [one, other] = await Promise.all([signingKey('ES256'), signingKey('ES256')]);
});

/** The keys of each issuer, as they are now; and what was asked for. */
let keys: Map<string, CryptoKey[]>;
let issuers: string[];
let asked: KeyHeader[];
let strategy: JwtStrategy;
beforeEach(async () => {
  [issuers, asked] = [[], []];
  const [first, second] = await Promise.all([one, other].map(verifying));
  keys = new Map([
    [ISSUER, [first!, second!]],
    [ALIAS, [second!]],
    ['https://trusted.example', [second!]],
  ]);
  const keySet = (issuer: string): KeySet | undefined => {
    issuers.push(issuer);
    const held = keys.get(issuer);
    if (!held) return undefined;
    const find = async (header: KeyHeader) => {
      asked.push(header);
      return held;
    };
    return { find };
  };
  const settings = new IntrospectionSettings({ issuer: ISSUER, issuerAliases: [ALIAS] });
  strategy = new JwtStrategy(
    new JwtVerifier(settings, { keySet }),
    { isRevoked: async () => false },
    { find: async () => undefined },
  );
});
const accepted = {
  accepted: expect.objectContaining({ sub: 'alice' }) as unknown,
  clientState: 'unknown',
};
const claims = { iss: ISSUER, sub: 'alice' };

describe('The keys of a JSON Web Token', () => {
  it('F4 are looked for by its algorithm and its kid, and by nothing else that it says', async () => {
    const more = { jku: 'https://evil.example', x5u: 'x', jwk: other.public, x5t: 'y' };
    await strategy.find(await sign(one, claims, more));
    await strategy.find(await sign(one, claims, { kid: undefined, ...more }));
    expect(asked).toStrictEqual([{ alg: 'ES256', kid: one.kid }, { alg: 'ES256' }]);
  });

  it('F5 are looked for by the issuer that it names, if it is text', async () => {
    for (const iss of [1, null, [ISSUER], { toString: ISSUER }, undefined]) {
      expect(await strategy.find(await sign(one, { ...claims, iss }))).toBeUndefined();
    }
    expect(issuers).toEqual([]);
    expect(await strategy.find(await sign(one, { ...claims, iss: 'x' }))).toBeUndefined();
    expect(issuers).toEqual(['x']);
  });

  it('F3 are all tried where several fit', async () => {
    for (const key of [one, other]) {
      expect(await strategy.find(await sign(key, claims))).toEqual(accepted);
    }
    const stranger = await signingKey('ES256');
    expect(await strategy.find(await sign(stranger, claims))).toEqual({
      rejected: 'bad_signature',
    });
  });

  it('F5 make it a token of this server under each of its issuer identifiers', async () => {
    const originOf = async (iss: string) => {
      const finding = await strategy.find(await sign(other, { ...claims, iss }));
      return (finding as Extract<Finding, { accepted: unknown }>).accepted.origin;
    };
    expect(await originOf(ISSUER)).toBe('own');
    expect(await originOf(ALIAS)).toBe('own');
    expect(await originOf('https://trusted.example')).toBe('trusted');
  });

  it.each<[string, (first: CryptoKey[]) => CryptoKey[] | undefined, Finding | undefined]>([
    ['is withdrawn', ([, second]) => [second!], { rejected: 'bad_signature' }],
    ['is the last one withdrawn', () => [], { rejected: 'no_matching_key' }],
    ['is of an issuer that is not trusted any more', () => undefined, undefined],
    ['has another after it', ([first, second]) => [first!, second!], accepted as Finding],
    ['has another before it', ([first, second]) => [second!, first!], accepted as Finding],
  ])('F10 whose key %s is decided on by the keys of now', async (_what, change, finding) => {
    const token = await sign(one, claims);
    expect(await strategy.find(token)).toEqual(accepted);
    const changed = change(keys.get(ISSUER)!);
    if (changed) keys.set(ISSUER, changed);
    else keys.delete(ISSUER);
    expect(await strategy.find(token)).toEqual(finding);
  });

  it('F10 that come back verify it again, under whatever object', async () => {
    const token = await sign(one, claims);
    const held = keys.get(ISSUER)!;
    expect(await strategy.find(token)).toEqual(accepted);
    keys.set(ISSUER, []);
    expect(await strategy.find(token)).toEqual({ rejected: 'no_matching_key' });
    keys.set(ISSUER, [await verifying(one)]);
    expect(await strategy.find(token)).toEqual(accepted);
    keys.set(ISSUER, held);
    expect(await strategy.find(token)).toEqual(accepted);
  });
});

async function verifying(key: SigningKey): Promise<CryptoKey> {
  return (await importJWK(key.public)) as CryptoKey;
}
