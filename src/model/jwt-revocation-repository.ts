/**
 * Port: which JSON Web Tokens were revoked, by the hash that `revocationHash` makes. It must answer
 * from the state that is committed when it is asked, never from a copy that can be older.
 */
export interface JwtRevocationRepository {
  /** @throws when the look-up failed. */
  isRevoked(hash: Buffer): Promise<boolean>;

  /**
   * Optional: revokes from the moment this resolves, for `IntrospectionService.revoke`. Several tokens can
   * share a hash: what is revoked already must stay so until the later of the two ends.
   * @param exp when the token expires, in whole seconds since the epoch; absent: never, or it is not verified
   */
  revoke?(hash: Buffer, exp?: number): Promise<void>;
}
export const JwtRevocationRepository = Symbol('JwtRevocationRepository');
