import { open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, calculateJwkThumbprint } from 'jose';
import type { JSONWebKeySet, JWK } from 'jose';
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

/** What a JWK tells of a public key, and nothing that makes it a private one (RFC 7518 §6). */
const PUBLIC_MEMBERS = ['kty', 'kid', 'alg', 'use', 'crv', 'x', 'y', 'n', 'e'] as const;

/** The public halves of the keys in a set; a symmetric key has none, and is left out. */
export function publicHalf({ keys }: JSONWebKeySet): JSONWebKeySet {
  const halves = keys
    .filter(({ kty }) => kty !== 'oct')
    .map((jwk) => PUBLIC_MEMBERS.flatMap((name) => (name in jwk ? [[name, jwk[name]]] : [])));
  return { keys: halves.map((members) => Object.fromEntries(members) as JWK) };
}

/** @throws Failure when both names lead to one file, so that writing the public half would destroy the private one */
export async function requireTwoFiles(privateFile: string, publicFile: string): Promise<void> {
  const [one, other] = await Promise.all(
    [privateFile, publicFile].map((file) => stat(file).catch(() => undefined)),
  );
  const isSame = one !== undefined && one.dev === other?.dev && one.ino === other.ino;
  if (!isSame && privateFile !== publicFile) return;
  throw new Failure(
    `The public half must be written to another file than the private ${publicFile}.`,
  );
}

/** Writes a file that every user can read, in the place of the one before. @throws Failure */
export async function publishKeySet(file: string, jwks: JSONWebKeySet): Promise<void> {
  // Renamed when it is whole, because a server may be reading the file.
  const whole = `${file}.new-${process.pid}`;
  try {
    await rm(whole, { force: true });
    await writeFile(whole, `${JSON.stringify(jwks, null, 2)}\n`, { flag: 'wx', mode: 0o644 });
    await rename(whole, file);
  } catch (error) {
    await rm(whole, { force: true });
    throw new Failure(`The key file ${file} cannot be written: ${detailOf(error)}.`, {
      cause: error,
    });
  }
}

/**
 * Puts another private set in the place of the one before, with its owner and its permissions. After a crash there is
 * one of the two, whole.
 * @throws Failure
 */
export async function replaceKeySet(file: string, jwks: JSONWebKeySet): Promise<void> {
  try {
    const place = await realpath(file);
    const { mode, uid, gid } = await stat(place);
    // Always of one name, so that what a crash has left behind does not stay.
    const whole = `${place}.new`;
    // Made anew, because somebody else's file or link would give him the keys.
    await rm(whole, { force: true });
    const handle = await open(whole, 'wx', 0o600);
    try {
      if (process.getuid?.() === 0) await handle.chown(uid, gid);
      await handle.chmod(mode & 0o777);
      await handle.writeFile(`${JSON.stringify(jwks, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(whole, place);
  } catch (error) {
    throw new Failure(`The key file ${file} cannot be written: ${detailOf(error)}.`, {
      cause: error,
    });
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
