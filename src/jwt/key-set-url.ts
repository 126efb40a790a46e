import { createRemoteJWKSet, customFetch } from 'jose';
import type { CryptoKey, FetchImplementation, RemoteJWKSet } from 'jose';
import { isLater } from '../model/soon.js';
import { localKeySet } from './key-set.js';
import type { KeyHeader, KeySet } from '../model/key-source.js';
import type { JwksUrl } from '../config/jwks-source.js';

/** Most bytes of a JWK Set. */
const MOST_BYTES = 1024 * 1024;

/** The least time between two fetches while there is no set to use, in milliseconds. */
const RETRY_AFTER_MS = 1000;

/** A set that was fetched. */
interface HeldSet {
  readonly keys: KeySet;
  readonly fetchedAtMs: number;
}

/**
 * The keys at a URL. They are fetched when they are first needed, and again when they are old or a token
 * names a key that is not among them. While they cannot be fetched again, the old ones are used for a while.
 */
export class KeySetUrl implements KeySet {
  readonly #remote: RemoteJWKSet;
  readonly #staleForMs: number;
  readonly #cooldownMs: number;
  #held: HeldSet | undefined;
  /** The fetch that is under way, for all who wait for one. */
  #fetching: Promise<HeldSet> | undefined;
  #failed: { atMs: number; error: unknown } | undefined;

  /** @throws Error when the URL is not valid. */
  constructor(source: JwksUrl) {
    if (!URL.canParse(source.url)) throw new Error(`The JWK Set URL ${source.url} is not a URL.`);
    this.#staleForMs = (source.staleFor ?? 86_400) * 1000;
    this.#cooldownMs = (source.cooldown ?? 30) * 1000;
    this.#remote = createRemoteJWKSet(new URL(source.url), {
      cacheMaxAge: (source.cacheMaxAge ?? 600) * 1000,
      cooldownDuration: this.#cooldownMs,
      timeoutDuration: (source.timeout ?? 2) * 1000,
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
    return held && this.#remote.fresh && held.fetchedAtMs <= Date.now() ? held : undefined;
  }

  /** Fetches the set. While that fails, returns the one from before, as long as `staleFor` allows. */
  private fetch(): Promise<HeldSet> {
    this.#fetching ??= this.fetchOnce().finally(() => (this.#fetching = undefined));
    return this.#fetching;
  }

  private async fetchOnce(): Promise<HeldSet> {
    const held = this.#held;
    const usable = held && Date.now() - held.fetchedAtMs <= this.#staleForMs ? held : undefined;
    const failed = this.#failed;
    if (failed && isWithin(usable ? this.#cooldownMs : RETRY_AFTER_MS, failed.atMs)) {
      if (usable) return usable;
      throw failed.error;
    }
    try {
      await this.#remote.reload();
      return (this.#held = { keys: localKeySet(this.#remote.jwks()!), fetchedAtMs: Date.now() });
    } catch (error) {
      this.#failed = { atMs: Date.now(), error };
      if (usable) return usable;
      throw error;
    }
  }
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
  return new Response(response.body?.pipeThrough(limit), response);
};
