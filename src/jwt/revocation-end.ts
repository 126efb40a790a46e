import { hash } from 'node:crypto';
import type { UnverifiedJwt } from './compact-jws.js';
import type { JwtVerifier } from './jwt-verifier.js';

/** How long the revocation of a JWT by its `jti` is kept at the least, in seconds. */
const KEPT_BY_JTI = 30 * 86_400;

/**
 * How long the revocation of a JWT has to be kept. One that has a `jti` is revoked together with all that
 * share it. So its `exp` counts only if the issuer has signed it: a forged twin must not shorten the
 * revocation. And an issuer may have given its `jti` to another token, which lasts longer and of which
 * nothing is known here: the revocation is kept for a month at the least. A JWT without `jti` is revoked
 * by its bytes, and `exp` is among them.
 *
 * @param exp the token's own, in whole seconds since the epoch
 * @returns seconds since the epoch; `undefined`: for ever
 */
export async function revocationEnd(
  token: string,
  jwt: UnverifiedJwt,
  exp: number | undefined,
  verifier: Pick<JwtVerifier, 'verdict'>,
): Promise<number | undefined> {
  const end = storableExp(exp);
  if (jwt.claims['jti'] === undefined || end === undefined) return end;
  if (!(await isVerified(token, jwt, verifier))) return undefined;
  return Math.max(end, Math.ceil(Date.now() / 1000) + KEPT_BY_JTI);
}

/** @returns a whole number from 0 to 2^53 − 1; `undefined`, which is later than any, for what is beyond */
export function storableExp(exp: number | undefined): number | undefined {
  if (exp === undefined) return undefined;
  const seconds = Math.max(0, Math.ceil(exp));
  return Number.isSafeInteger(seconds) ? seconds : undefined;
}

async function isVerified(
  token: string,
  jwt: UnverifiedJwt,
  verifier: Pick<JwtVerifier, 'verdict'>,
): Promise<boolean> {
  try {
    const verdict = await verifier.verdict(hash('sha256', token, 'base64'), () => jwt);
    return verdict !== undefined && !('rejected' in verdict);
  } catch {
    // Without keys the token is revoked all the same.
    return false;
  }
}
