import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT, importJWK } from 'jose';
import type { JWK, JWTPayload } from 'jose';
import type { Environment } from './environment.js';
import { Failure, detailOf } from '../failure.js';
import { readKeySet } from './key-file.js';
import { isPrivateSigningKey, signingKeyOf } from './key-rotation.js';

/** The demo's key file, which is used where the operator has configured no keys. */
export function demoKeyFile({ dataDir }: Environment): string {
  return join(dataDir, 'jwks.json');
}

/** Where the server's own keys are: as configured, or else, on the embedded Postgres, in the demo's file. */
export function ownKeys(environment: Environment): Environment['jwks'] {
  if (environment.jwks || environment.databaseUrl !== undefined) return environment.jwks;
  const file = demoKeyFile(environment);
  return existsSync(file) ? { file } : undefined;
}

/** Signs access tokens (RFC 9068 §2.1) with the key of the server's key file that signs now. */
export async function signAccessToken(
  environment: Environment,
  claims: JWTPayload,
): Promise<string> {
  const source = ownKeys(environment);
  if (!source || 'url' in source) {
    throw new Failure(
      'A JWT needs a private key to be signed with: set JWKS_FILE to a file that the command ' +
        '"keys generate --out FILE" has made.',
    );
  }
  const { keys } = await readKeySet(source.file);
  const jwk = signingKeyOf(keys, Date.now() / 1000);
  if (!jwk) {
    const which = keys.some(isPrivateSigningKey) ? 'that signs yet' : 'to sign a JWT with';
    throw new Failure(`There is no private key in ${source.file} ${which}.`);
  }
  const alg = jwk.alg ?? algorithmOf(jwk);
  const header = { alg, typ: 'at+jwt', ...(jwk.kid === undefined ? {} : { kid: jwk.kid }) };
  try {
    const key = await importJWK(jwk, alg);
    return await new SignJWT(claims).setProtectedHeader(header).sign(key);
  } catch (error) {
    throw new Failure(`The private key in ${source.file} cannot sign: ${detailOf(error)}.`);
  }
}

function algorithmOf({ kty, crv }: JWK): string {
  if (kty === 'RSA') return 'RS256';
  if (kty === 'OKP') return 'EdDSA';
  return { 'P-384': 'ES384', 'P-521': 'ES512' }[crv ?? ''] ?? 'ES256';
}
