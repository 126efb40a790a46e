import { createRemoteJWKSet, jwksCache } from 'jose';
import type { CryptoKey, ExportedJWKSCache, JWKSCacheInput } from 'jose';
import { localKeySet, matching } from './key-set.js';
import type { JwksUrl } from './jwks-source.js';
import type { KeyHeader, KeySet } from './key-source.js';

/**
 * The keys behind a URL: fetched when first needed, again when they are old or a token names a key
 * that is not among them, and kept for a while when they cannot be fetched again.
 */
export class KeySetUrl implements KeySet {
  readonly #cache: JWKSCacheInput = {};
  readonly #getKey: ReturnType<typeof createRemoteJWKSet>;
  readonly #staleFor: number;

  /** @throws Error when the URL is not one. */
  constructor(source: JwksUrl) {
    if (!URL.canParse(source.url)) throw new Error(`The JWK Set URL ${source.url} is not a URL.`);
    this.#staleFor = (source.staleFor ?? 86_400) * 1000;
    this.#getKey = createRemoteJWKSet(new URL(source.url), {
      cacheMaxAge: (source.cacheMaxAge ?? 600) * 1000,
      cooldownDuration: (source.cooldown ?? 30) * 1000,
      timeoutDuration: (source.timeout ?? 2) * 1000,
      [jwksCache]: this.#cache,
    });
  }

  async find(header: KeyHeader): Promise<readonly CryptoKey[]> {
    try {
      return await matching(this.#getKey, header);
    } catch (error) {
      const held = this.#cache as Partial<ExportedJWKSCache>;
      if (!held.jwks || Date.now() - (held.uat ?? 0) > this.#staleFor) throw error;
      return localKeySet(held.jwks).find(header);
    }
  }
}
