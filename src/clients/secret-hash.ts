import { hash as digestOf, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

const DIGEST_PREFIX = '$sha256$';
const PHC_SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Each verification takes 32 MiB and some 50 ms. */
const SCRYPT_COST = { ln: 15, r: 8, p: 1 };

/**
 * The stored form of a generated secret: `$sha256$` and the digest in base64url. A plain digest is
 * enough for 256 random bits, which cannot be guessed.
 */
export function hashSecret(secret: string): string {
  return DIGEST_PREFIX + digestOf('sha256', secret, 'base64url');
}

/** The stored form of a secret that a person chose: scrypt in PHC notation. */
export async function hashChosenSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, SCRYPT_COST, 32);
  return `$scrypt$ln=${SCRYPT_COST.ln},r=${SCRYPT_COST.r},p=${SCRYPT_COST.p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** A new secret of 256 random bits. */
export function generateSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** A hash with the same notation and cost that no secret matches. */
export function decoyOf(stored: string): string {
  const at = stored.lastIndexOf('$') + 1;
  return stored.slice(0, at) + unpadded(randomBytes(32));
}

/** Whether this is the hash of a generated secret. */
export function isDigest(stored: string): boolean {
  return stored.startsWith(DIGEST_PREFIX);
}

/** Whether verifying against this hash is slow on purpose. */
export function isSlowHash(stored: string): boolean {
  return stored.startsWith('$scrypt$');
}

/**
 * Whether a presented secret is the stored one. The time does not depend on the presented secret. A
 * digest is compared at once, a slow hash on another thread.
 * @throws Error when the stored hash is in an unknown notation.
 */
export function verifySecret(stored: string, presented: string): boolean | Promise<boolean> {
  return isSlowHash(stored)
    ? verifySlowly(stored, presented)
    : isStoredAs(stored, hashSecret(presented));
}

/**
 * Whether a generated secret is stored under this digest.
 * @param digest what {@link hashSecret} makes of the presented secret
 * @throws Error when the stored hash is in an unknown notation.
 */
export function isStoredAs(stored: string, digest: string): boolean {
  if (!isDigest(stored)) throw unknownNotation();
  return equal(Buffer.from(stored), Buffer.from(digest));
}

/** Whether a chosen secret is stored under this slow hash. @throws as {@link verifySecret} does */
export async function verifySlowly(stored: string, presented: string): Promise<boolean> {
  const [, ln, r, p, salt, hash] = PHC_SCRYPT.exec(stored) ?? [];
  if (!salt || !hash) throw unknownNotation();
  const expected = Buffer.from(hash, 'base64');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  return equal(
    expected,
    await derive(presented, Buffer.from(salt, 'base64'), cost, expected.length),
  );
}

function derive(
  secret: string,
  salt: Buffer,
  cost: typeof SCRYPT_COST,
  lengthBytes: number,
): Promise<Buffer> {
  const N = 2 ** cost.ln;
  return scryptAsync(secret, salt, lengthBytes, {
    N,
    r: cost.r,
    p: cost.p,
    maxmem: 256 * N * cost.r,
  });
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function unknownNotation(): Error {
  return new Error('A client has a secret hash in an unknown notation.');
}
