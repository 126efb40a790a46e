import { createLocalJWKSet, errors } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWK, JWSHeaderParameters } from 'jose';
import type { KeyHeader, KeySet } from '../model/key-source.js';

type GetKey = (header: JWSHeaderParameters) => Promise<CryptoKey>;

/** A key set that is at hand. @throws Error when it is not a JWK Set. */
export function localKeySet(jwks: JSONWebKeySet): KeySet {
  const getKey: GetKey = createLocalJWKSet(publicKeys(jwks));
  // The set never changes, so neither do its answers; only those are kept that name a key of it.
  const found = new Map<string, readonly CryptoKey[]>();
  return {
    find(header) {
      const name = header.kid === undefined ? header.alg : `${header.alg} ${header.kid}`;
      return (
        found.get(name) ??
        matching(getKey, header).then((keys) => {
          if (keys.length > 0) found.set(name, keys);
          return keys;
        })
      );
    },
  };
}

/** All keys that match, where jose's function insists on one. */
async function matching(getKey: GetKey, header: KeyHeader): Promise<readonly CryptoKey[]> {
  try {
    return [await getKey({ ...header })];
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return all(error);
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JOSENotSupported)
      return [];
    throw error;
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A private or symmetric key never verifies a token here, however it came into the set. */
function publicKeys(jwks: JSONWebKeySet): JSONWebKeySet {
  if (!Array.isArray((jwks as Partial<JSONWebKeySet> | null)?.keys)) {
    throw new Error('it is not a JWK Set: there is no "keys" array in it');
  }
  return { keys: jwks.keys.filter((key) => key?.kty !== 'oct').map(publicMembers) };
}

function publicMembers(key: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, key_ops: _ops, ...rest } = key;
  return rest;
}
