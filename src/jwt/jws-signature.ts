import { KeyObject, constants, verify } from 'node:crypto';
import type { VerifyKeyObjectInput } from 'node:crypto';
import type { CryptoKey } from 'jose';

/** How one algorithm of RFC 7518 §3.1 or RFC 8037 §3.1 is verified, and which keys it accepts. */
interface Verification {
  readonly digest: string | null;
  readonly fits: (key: KeyObject) => boolean;
  readonly parameters: Omit<VerifyKeyObjectInput, 'key'>;
}

const VERIFICATIONS: Readonly<Record<string, Verification>> = {
  RS256: rsa('sha256'),
  RS384: rsa('sha384'),
  RS512: rsa('sha512'),
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  ES256: ecdsa('sha256', 'prime256v1'),
  ES384: ecdsa('sha384', 'secp384r1'),
  ES512: ecdsa('sha512', 'secp521r1'),
  EdDSA: ed25519(),
  Ed25519: ed25519(),
};

/**
 * Whether this key has signed these bytes. It is verified synchronously, which blocks the event loop for
 * one signature: to hand it to another thread and back would be three times as much work.
 */
export function isSignedBy(
  key: CryptoKey,
  alg: string,
  signingInput: string,
  signature: Buffer,
): boolean {
  const verification = Object.hasOwn(VERIFICATIONS, alg) ? VERIFICATIONS[alg] : undefined;
  const keyObject = keyObjectOf(key);
  if (!verification?.fits(keyObject)) return false;
  const input = { ...verification.parameters, key: keyObject };
  return verify(verification.digest, Buffer.from(signingInput), input, signature);
}

const KEY_OBJECTS = new WeakMap<CryptoKey, KeyObject>();

function keyObjectOf(key: CryptoKey): KeyObject {
  let keyObject = KEY_OBJECTS.get(key);
  if (!keyObject) KEY_OBJECTS.set(key, (keyObject = KeyObject.from(key)));
  return keyObject;
}

function rsa(digest: string): Verification {
  return { digest, fits: isStrongRsa, parameters: { padding: constants.RSA_PKCS1_PADDING } };
}

function pss(digest: string, saltBytes: number): Verification {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return { digest, fits: isStrongRsa, parameters: { padding, saltLength: saltBytes } };
}

// RFC 7518 §3.3, §3.5: the key must have 2048 bits or more.
function isStrongRsa({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
}

function ecdsa(digest: string, curve: string): Verification {
  return {
    digest,
    fits: ({ asymmetricKeyDetails }) => asymmetricKeyDetails?.namedCurve === curve,
    // RFC 7518 §3.4: the signature is R and S side by side, not DER.
    parameters: { dsaEncoding: 'ieee-p1363' },
  };
}

function ed25519(): Verification {
  return {
    digest: null,
    fits: ({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519',
    parameters: {},
  };
}
