import { createLocalJWKSet, errors } from 'jose';
import type { CryptoKey, JSONWebKeySet, JWK, JWSHeaderParameters } from 'jose';
import type { KeyHeader, KeySet } from '../model/key-source.js';

type GetKey = (header: JWSHeaderParameters) => Promise<CryptoKey>;

/** The keys of a JWK Set that is in memory. @throws Error when it is not a JWK Set. */
export function localKeySet(jwks: JSONWebKeySet): KeySet {
  const getKey: GetKey = createLocalJWKSet(publicKeys(jwks));
  // The set never changes, so results are kept, except empty ones: tokens can name any number of unknown keys.
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

/** All keys that match. jose's function returns one, and throws when there are none or several. */
async function matching(getKey: GetKey, header: KeyHeader): Promise<readonly CryptoKey[]> {
  try {
    return [await getKey({ ...header })];
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return all(error);
    // None matches, or the one that does is no key that can be used (RFC 7517 §5: it is ignored).
    return [];
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Leaves out private members, symmetric keys and keys for something else: no token may be verified with them. */
function publicKeys(jwks: JSONWebKeySet): JSONWebKeySet {
  if (!Array.isArray((jwks as Partial<JSONWebKeySet> | null)?.keys)) {
    throw new Error('it is not a JWK Set: there is no "keys" array in it');
  }
  return { keys: jwks.keys.filter(isForVerifying).map(publicMembers) };
}

/** RFC 7517 §4.3; `use` is held by jose. A private key that signs stands for its public half, which verifies. */
function isForVerifying(key: Partial<JWK> | null): boolean {
  if (typeof key?.kty !== 'string' || key.kty === 'oct') return false;
  const { key_ops: operations, d: privatePart } = key;
  if (operations === undefined) return true;
  if (!Array.isArray(operations)) return false;
  return (
    operations.includes('verify') || (privatePart !== undefined && operations.includes('sign'))
  );
}

function publicMembers(key: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, key_ops: _ops, ...rest } = key;
  return rest;
}
