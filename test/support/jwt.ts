import { createHmac } from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';

export interface SigningKey {
  alg: string;
  kid: string;
  private: CryptoKey;
  /** The public key as a JWK, with `kid` and `alg`. */
  public: JWK;
}

let keys = 0;

export async function signingKey(alg: string): Promise<SigningKey> {
  const pair = await generateKeyPair(alg, { extractable: true });
  const kid = `key-${++keys}`;
  const jwk = await exportJWK(pair.publicKey);
  return { alg, kid, private: pair.privateKey, public: { ...jwk, kid, alg } };
}

/** Signs any payload under any header; the header's `alg` and `kid` are the key's unless given. */
export function sign(
  key: SigningKey,
  payload: Record<string, unknown> | string,
  header: Record<string, unknown> = {},
): Promise<string> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  return new CompactSign(Buffer.from(text))
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.private);
}

/** Signs under a header that jose refuses to write. */
export async function signUnder(key: SigningKey, payload: string, header: string): Promise<string> {
  const input = `${base64url(header)}.${base64url(payload)}`;
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    key.private,
    Buffer.from(input),
  );
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

export function hmac(secret: string | Buffer, header: object, payload: object): string {
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export const base64url = (text: string | Buffer) => Buffer.from(text).toString('base64url');
