import type { OpaqueTokenRecord } from './token-record.js';

/**
 * Port: where opaque tokens are found, by the digest that `tokenDigest` makes. It must answer from
 * the state that is committed when it is asked, never from a copy that can be older.
 */
export interface OpaqueTokenRepository {
  /** @returns `undefined` when there is no such token. @throws when the look-up failed. */
  findByDigest(digest: Buffer): Promise<OpaqueTokenRecord | undefined>;

  /**
   * Optional: revokes a token from the moment this resolves, for `IntrospectionService.revoke`.
   * @returns false when there is no such token
   */
  revoke?(token: string): Promise<boolean>;
}
export const OpaqueTokenRepository = Symbol('OpaqueTokenRepository');
