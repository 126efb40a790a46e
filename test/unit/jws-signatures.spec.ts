import { KeyObject, constants, sign as signBytes } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { CompactSign, importJWK } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { isSignedBy } from '../../src/jwt/jws-signature.js';

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: Buffer.of(1, 0, 1) };
const KINDS = {
  rsa: { ...RSA, modulusLength: 2048 },
  'short rsa': { ...RSA, modulusLength: 1024 },
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521' },
  Ed25519: { name: 'Ed25519' },
};
type Kind = keyof typeof KINDS;

let keys: Record<Kind, webcrypto.CryptoKeyPair>;
let others: typeof keys;
beforeAll(async () => {
  [keys, others] = [await generate(), await generate()];
});

describe('A signature', () => {
  it.each<[string, Kind]>([
    ['RS256', 'rsa'],
    ['RS384', 'rsa'],
    ['RS512', 'rsa'],
    ['PS256', 'rsa'],
    ['PS384', 'rsa'],
    ['PS512', 'rsa'],
    ['ES256', 'P-256'],
    ['ES384', 'P-384'],
    ['ES512', 'P-521'],
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'Ed25519'],
  ])('F1, F2 by %s holds for its key and its bytes alone', async (alg, kind) => {
    const { publicKey } = keys[kind];
    const { input, signature } = await signed(keys[kind].privateKey, alg);
    // The second time the key is known already.
    expect(isSignedBy(publicKey, alg, input, signature)).toBe(true);
    expect(isSignedBy(publicKey, alg, input, signature)).toBe(true);
    expect(isSignedBy(others[kind].publicKey, alg, input, signature)).toBe(false);
    expect(isSignedBy(publicKey, alg, `${input}x`, signature)).toBe(false);
    for (const wrong of [
      Buffer.alloc(0),
      Buffer.alloc(signature.length),
      signature.subarray(1),
      Buffer.concat([signature, Buffer.of(0)]),
      Buffer.from(signature.map((byte) => byte ^ 1)),
    ]) {
      expect(isSignedBy(publicKey, alg, input, wrong)).toBe(false);
    }
  });

  const pss = (saltLength: number) => ({ padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
  const raw = { dsaEncoding: 'ieee-p1363' };
  // Sound signatures all, under the name of an algorithm that has them otherwise.
  it.each<[string, string, Kind, string | null, object]>([
    ['RS256', 'with a short key', 'short rsa', 'sha256', {}],
    ['PS256', 'with a short key', 'short rsa', 'sha256', pss(32)],
    ['RS256', 'with another digest', 'rsa', 'sha512', {}],
    ['RS256', 'with PSS', 'rsa', 'sha256', pss(32)],
    ['PS256', 'without PSS', 'rsa', 'sha256', {}],
    ['PS256', 'with another length of salt', 'rsa', 'sha256', pss(20)],
    ['RS256', 'with an elliptic key', 'P-256', 'sha256', {}],
    ['ES256', 'on another curve', 'P-384', 'sha256', raw],
    ['ES384', 'on another curve', 'P-256', 'sha384', raw],
    ['ES256', 'in DER', 'P-256', 'sha256', {}],
    ['ES256', 'with an RSA key', 'rsa', 'sha256', {}],
    ['ES256', 'with an Edwards key', 'Ed25519', null, {}],
    ['EdDSA', 'with an elliptic key', 'P-256', null, {}],
    ['Ed25519', 'with an RSA key', 'rsa', null, {}],
  ])('F1 by %s is none %s', (alg, _what, kind, digest, parameters) => {
    const { privateKey, publicKey } = keys[kind];
    const key = { key: KeyObject.from(privateKey), ...parameters };
    const signature = signBytes(digest, Buffer.from('a.b'), key);
    expect(isSignedBy(publicKey, alg, 'a.b', signature)).toBe(false);
  });

  it.each(['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'])(
    'F1 by %s is none with a symmetric key',
    async (alg) => {
      const hmac = { name: 'HMAC', hash: 'SHA-256' };
      const key = await crypto.subtle.importKey('raw', Buffer.alloc(32), hmac, true, ['sign']);
      const signature = await crypto.subtle.sign(hmac, key, Buffer.from('a.b'));
      expect(isSignedBy(key, alg, 'a.b', Buffer.from(signature))).toBe(false);
    },
  );

  it.each(['none', '', 'HS256', 'es256', 'toString', '__proto__'])('F1 by %j is none', (alg) => {
    for (const { publicKey } of Object.values(keys)) {
      expect(isSignedBy(publicKey, alg, 'a.b', Buffer.alloc(64))).toBe(false);
    }
  });
});

async function generate() {
  const pairs = Object.entries(KINDS).map(async ([kind, algorithm]) => {
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    return [kind, pair];
  });
  return Object.fromEntries(await Promise.all(pairs)) as typeof keys;
}

/** By another library than the one that verifies. */
async function signed(privateKey: webcrypto.CryptoKey, alg: string) {
  const { alg: _, key_ops: _ops, ...jwk } = await crypto.subtle.exportKey('jwk', privateKey);
  const jws = await new CompactSign(Buffer.from('{}'))
    .setProtectedHeader({ alg })
    .sign(await importJWK({ ...jwk, kty: jwk.kty! }, alg));
  const [header, payload, signature] = jws.split('.');
  return { input: `${header}.${payload}`, signature: Buffer.from(signature!, 'base64url') };
}
