import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Most matches that are remembered. */
const MOST_REMEMBERED_MATCHES = 10_000;

/**
 * Remembers that a secret matched a slow hash. That depends on the two alone, so it stays true when
 * the client changes; the client's row is read again each time. Only matches are kept, under an HMAC
 * with a key of this process: the memory holds neither the secret nor a hash to try guesses on elsewhere.
 */
export class RememberedVerdicts {
  readonly #key = randomBytes(32);
  readonly #verdicts = new LRUCache<string, true>({ max: MOST_REMEMBERED_MATCHES });

  has(hash: string, secret: string): boolean {
    return this.#verdicts.get(this.nameOf(hash, secret)) === true;
  }

  add(hash: string, secret: string): void {
    this.#verdicts.set(this.nameOf(hash, secret), true);
  }

  private nameOf(hash: string, secret: string): string {
    // A stored hash has no NUL, so two different pairs never give the same text.
    return createHmac('sha256', this.#key).update(`${hash}\0${secret}`).digest('base64');
  }
}
