import { readFile, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, calculateJwkThumbprint } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { Failure, detailOf } from '../failure.js';

export const KEY_ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** A JWK Set with one new private key; its `kid` is the key's thumbprint (RFC 7638). */
export async function generateKeySet(alg: KeyAlgorithm): Promise<JSONWebKeySet> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { keys: [{ kid, alg, use: 'sig', ...jwk }] };
}

/** Writes a new file that only its owner can read. @throws Failure when the file exists. */
export async function writeKeySet(file: string, jwks: JSONWebKeySet): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(jwks, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new Failure(
      exists
        ? `There is a file ${file} already, which is not overwritten: name another one.`
        : `The key file ${file} cannot be written: ${detailOf(error)}.`,
      { cause: error },
    );
  }
}

/** @throws Failure when the file is not a JWK Set. */
export async function readKeySet(file: string): Promise<JSONWebKeySet> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Failure(`The JWK Set file ${file} cannot be read: ${detailOf(error)}.`);
  });
  const jwks = parsed(text);
  if (!Array.isArray(jwks?.keys)) {
    throw new Failure(`The file ${file} is not a JWK Set: it must be JSON with an array "keys".`);
  }
  return jwks;
}

function parsed(text: string): JSONWebKeySet | undefined {
  try {
    return JSON.parse(text) as JSONWebKeySet;
  } catch {
    // V8's error is dropped, because it quotes the text, which may be a private key.
    return undefined;
  }
}
