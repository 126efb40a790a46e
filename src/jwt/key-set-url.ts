import { createRemoteJWKSet, customFetch } from 'jose';
import type { CryptoKey, FetchImplementation, RemoteJWKSet } from 'jose';
import { isLater } from '../model/soon.js';
import { localKeySet } from './key-set.js';
import type { KeyHeader, KeySet } from '../model/key-source.js';
import type { JwksUrl } from '../config/jwks-source.js';
import { isObject } from '../config/rule.js';

/** Most bytes of a JWK Set. */
const MOST_BYTES = 1024 * 1024;

/** The least time between two fetches while there is no set to use, in milliseconds. */
const RETRY_AFTER_MS = 1000;

/** A set that was fetched. */
interface HeldSet {
  readonly keys: KeySet;
  readonly fetchedAtMs: number;
  /** The same on the clock of `performance.now()`, which is never stepped back. */
  readonly fetchedAtTick: number;
}

/**
 * The keys at a URL. They are fetched when they are first needed, and again when they are old or a token
 * names a key that is not among them. While they cannot be fetched again, the old ones are used for a while.
 */
export class KeySetUrl implements KeySet {
  readonly #remote: RemoteJWKSet;
  readonly #staleForMs: number;
  readonly #maxAgeMs: number;
  readonly #cooldownMs: number;
  #held: HeldSet | undefined;
  /** The fetch that is under way, for all who wait for one. */
  #fetching: Promise<HeldSet> | undefined;
  #failed: { atMs: number; error: unknown } | undefined;

  constructor(source: JwksUrl) {
    this.#staleForMs = (source.staleFor ?? 86_400) * 1000;
    this.#maxAgeMs = (source.cacheMaxAge ?? 600) * 1000;
    this.#cooldownMs = (source.cooldown ?? 30) * 1000;
    this.#remote = createRemoteJWKSet(new URL(source.url), {
      cacheMaxAge: this.#maxAgeMs,
      cooldownDuration: this.#cooldownMs,
      // jose takes whole milliseconds alone.
      timeoutDuration: Math.ceil((source.timeout ?? 2) * 1000),
      [customFetch]: fetchLimited,
    });
  }

  get readAt(): number | undefined {
    return this.#held?.fetchedAtMs;
  }

  find(header: KeyHeader): ReturnType<KeySet['find']> {
    const keys = this.fresh()?.keys.find(header);
    return keys && !isLater(keys) && keys.length > 0 ? keys : this.findOrFetch(header);
  }

  private async findOrFetch(header: KeyHeader): Promise<readonly CryptoKey[]> {
    const held = this.fresh() ?? (await this.fetch());
    const keys = await held.keys.find(header);
    if (keys.length > 0 || this.#remote.coolingDown) return keys;
    return (await this.fetch()).keys.find(header);
  }

  /** The set that is held, if it need not be fetched again. One from the future shows a clock that was stepped back. */
  private fresh(): HeldSet | undefined {
    const held = this.#held;
    if (!held || held.fetchedAtMs > Date.now()) return undefined;
    return ageMs(held) < this.#maxAgeMs ? held : undefined;
  }

  /** Fetches the set. While that fails, returns the one from before, as long as `staleFor` allows. */
  private fetch(): Promise<HeldSet> {
    this.#fetching ??= this.fetchOnce().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  private async fetchOnce(): Promise<HeldSet> {
    const held = this.#held;
    const usable = held && ageMs(held) <= this.#staleForMs ? held : undefined;
    const failed = this.#failed;
    if (failed && isWithin(usable ? this.#cooldownMs : RETRY_AFTER_MS, failed.atMs)) {
      if (usable) return usable;
      throw failed.error;
    }
    try {
      await this.#remote.reload();
      return (this.#held = {
        keys: localKeySet(this.#remote.jwks()!),
        fetchedAtMs: Date.now(),
        fetchedAtTick: performance.now(),
      });
    } catch (error) {
      this.#failed = { atMs: Date.now(), error };
      if (usable) return usable;
      throw error;
    }
  }
}

/** By the clock that has advanced more: one may have been stepped back, the other rests while the machine sleeps. */
function ageMs({ fetchedAtMs, fetchedAtTick }: HeldSet): number {
  return Math.max(Date.now() - fetchedAtMs, performance.now() - fetchedAtTick);
}

/** Whether it was less than so long ago; not, where the clock has been stepped back since. */
function isWithin(milliseconds: number, sinceMs: number): boolean {
  const passed = Date.now() - sinceMs;
  return passed >= 0 && passed < milliseconds;
}

/** Fetches no more than MOST_BYTES, so that a response without an end cannot use up the memory. */
const fetchLimited: FetchImplementation = async (url, options) => {
  const response = await fetch(url, options);
  let size = 0;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      size += chunk.length;
      if (size <= MOST_BYTES) controller.enqueue(chunk);
      else controller.error(new Error(`The JWK Set is larger than ${MOST_BYTES} bytes.`));
    },
  });
  const limited = new Response(response.body?.pipeThrough(limit), response);
  return response.status === 200 ? Response.json(onlyKeys(await limited.json())) : limited;
};

/** RFC 7517 §5: what is no key is ignored. jose refuses a set with an entry that is no object. */
function onlyKeys(set: unknown): unknown {
  const { keys } = (set ?? {}) as { readonly keys?: unknown };
  return Array.isArray(keys) ? { keys: keys.filter(isObject) } : set;
}
