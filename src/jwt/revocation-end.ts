import { hash } from 'node:crypto';
import type { UnverifiedJwt } from './compact-jws.js';
import type { JwtVerifier } from './jwt-verifier.js';

/**
 * How long the revocation of a JWT has to be kept. One that has a `jti` is revoked together with all that
 * share it, so its `exp` counts only if the issuer has signed it: a forged twin must not shorten the
 * revocation. One without `jti` is revoked by its bytes, and `exp` is among them.
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
  const isCovered = jwt.claims['jti'] === undefined || (await isVerified(token, jwt, verifier));
  return isCovered ? storableExp(exp) : undefined;
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
