import type { JWK } from 'jose';

/** A JWK of a private set; `nbf` is when it begins to sign, in seconds since the epoch. */
export type TimedKey = JWK & { readonly nbf?: number };

/** How a set changes when a key is added to it. */
export interface Rotation {
  readonly keys: readonly TimedKey[];
  /** The keys that are left out: all that they have signed has expired. */
  readonly retired: readonly JWK[];
}

/** How long a new key is published before it signs, and an old one after it has signed last, in seconds. */
export interface RotationAges {
  readonly publishFor: number;
  readonly keepOld: number;
}

/** `next`: published, and does not sign yet. `old`: verifies what it has signed. `other`: never signs here. */
export type KeyState = 'next' | 'signing' | 'old' | 'other';

export function isPrivateSigningKey({ kty, d, use, key_ops: operations }: JWK): boolean {
  if (kty === 'oct' || typeof d !== 'string' || use === 'enc') return false;
  return operations === undefined || operations.includes('sign');
}

/** From when on a key signs, in seconds since the epoch: its member `nbf`, or always. */
export function signsFrom({ nbf }: TimedKey): number {
  return typeof nbf === 'number' ? nbf : -Infinity;
}

/** The key that signs: the private one whose time has come last; of several with one time, the first. */
export function signingKeyOf(keys: readonly JWK[], now: number): JWK | undefined {
  const able = keys.filter((key) => isPrivateSigningKey(key) && signsFrom(key) <= now);
  const latest = Math.max(...able.map(signsFrom));
  return able.find((key) => signsFrom(key) === latest);
}

/** Since when a key signs no more, because the next one does. @returns `undefined` where none does */
export function signedUntil(key: JWK, keys: readonly JWK[], now: number): number | undefined {
  const next = keys.filter((one) => isPrivateSigningKey(one) && signsFrom(one) > signsFrom(key));
  const until = Math.min(...next.map(signsFrom));
  return until <= now ? until : undefined;
}

export function stateOf(key: JWK, keys: readonly JWK[], now: number): KeyState {
  if (!isPrivateSigningKey(key)) return 'other';
  if (signsFrom(key) > now) return 'next';
  return key === signingKeyOf(keys, now) ? 'signing' : 'old';
}

/** Adds a key, and leaves out each that has not signed for `keepOld` seconds. */
export function rotate(
  keys: readonly JWK[],
  fresh: JWK,
  now: number,
  { publishFor, keepOld }: RotationAges,
): Rotation {
  const retired = retiredKeys(keys, now, keepOld);
  const kept = keys.filter((key) => !retired.includes(key));
  const added: TimedKey = { ...fresh, nbf: now + publishFor };
  return { keys: [...kept, added], retired };
}

export function retiredKeys(keys: readonly JWK[], now: number, keepOld: number): JWK[] {
  return keys.filter((key) => {
    const until = isPrivateSigningKey(key) ? signedUntil(key, keys, now) : undefined;
    return until !== undefined && until + keepOld <= now;
  });
}
