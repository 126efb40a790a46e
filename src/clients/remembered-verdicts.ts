import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Most matches that are remembered. */
const MOST_REMEMBERED_MATCHES = 10_000;

/**
 * Remembers that a secret matched something: a slow hash, or a client id. Of a hash that stays true when
 * the client changes, for it depends on the two alone; the client's row is read again each time. Only
 * matches are kept, under an HMAC with a key of this process: the memory holds neither the secret nor a
 * hash to try guesses on elsewhere.
 */
export class RememberedVerdicts {
  readonly #key = randomBytes(32);
  readonly #verdicts = new LRUCache<string, true>({ max: MOST_REMEMBERED_MATCHES });

  /** @param matched has no NUL */
  has(matched: string, secret: string): boolean {
    return this.#verdicts.get(this.nameOf(matched, secret)) === true;
  }

  add(matched: string, secret: string): void {
    this.#verdicts.set(this.nameOf(matched, secret), true);
  }

  /** A name for the pair that tells nothing of it. */
  nameOf(matched: string, secret: string): string {
    // With one NUL between them, two different pairs never give the same text.
    return createHmac('sha256', this.#key).update(`${matched}\0${secret}`).digest('base64');
  }
}
