import type { OpaqueTokenRecord } from '../tokens/opaque-token.js';

/**
 * Port: where opaque tokens are found, by the digest that `tokenDigest` makes. It must answer from
 * the state that is committed when it is asked, never from a copy that can be older.
 */
export interface OpaqueTokenRepository {
  /** @returns `undefined` when there is no such token. @throws when the look-up failed. */
  findByDigest(digest: Buffer): Promise<OpaqueTokenRecord | undefined>;
}
export const OpaqueTokenRepository = Symbol('OpaqueTokenRepository');
