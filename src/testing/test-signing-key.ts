import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { JSONWebKeySet, JWK, JWTPayload } from 'jose';

const GENERATED = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

export type TestAlgorithm = keyof typeof GENERATED;

/** The claims of a JWT. Without them it has `iat` now, `exp` in an hour, and a `jti` of its own. */
export interface TestClaims extends JWTPayload {
  /** An issuer that the application trusts: its own, or one of the option `trustedIssuers`. */
  iss: string;
  client_id?: string;
  scope?: string;
}

/** A key that exists only in this process, to sign the JWTs of tests with. */
export class TestSigningKey {
  readonly kid = `test-${randomUUID()}`;
  /** The public key as a JWK Set (RFC 7517 §5). */
  readonly jwks: JSONWebKeySet;
  readonly #privateKey;

  constructor(readonly alg: TestAlgorithm) {
    const { publicKey, privateKey } = GENERATED[alg]();
    const jwk = publicKey.export({ format: 'jwk' }) as JWK;
    this.jwks = { keys: [{ ...jwk, kid: this.kid, alg, use: 'sig' }] };
    this.#privateKey = privateKey;
  }

  /** Signs an access token (RFC 9068 §2.1). JSON leaves out the claims that are `undefined`. */
  sign(claims: TestClaims): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    return new SignJWT({ iat, exp: iat + 3600, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: this.alg, kid: this.kid, typ: 'at+jwt' })
      .sign(this.#privateKey);
  }
}
