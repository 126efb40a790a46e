/**
 * Port: which JSON Web Tokens were revoked, by the hash that `revocationHash` makes. It must answer
 * from the state that is committed when it is asked, never from a copy that can be older.
 */
export interface JwtRevocationRepository {
  /** @throws when the look-up failed. */
  isRevoked(hash: Buffer): Promise<boolean>;
}
export const JwtRevocationRepository = Symbol('JwtRevocationRepository');
