import { Logger } from '@nestjs/common';
import type { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import type { VerifiedJwt } from './jwt-verifier.js';
import { storableExp } from './revocation-end.js';
import type { StoredRevocation } from './revoked-jwt-rows.js';

/**
 * Has a revocation kept for longer when it covers a token that expires later than the one that was revoked:
 * one with the same issuer and `jti`. Only an issuer's own token can do so. No answer waits for it, and
 * one is written at a time, so that a database that hangs has no more of them.
 */
export class RevocationExtension {
  readonly #logger = new Logger(RevocationExtension.name);
  #isWriting = false;

  constructor(private readonly revocations: JwtRevocationRepository) {}

  /** Notes that a revocation was found to cover a token. One from a host's own repository is only `true`. */
  covers(revocation: StoredRevocation | true, { record, revocationHashHex }: VerifiedJwt): void {
    if (revocation === true || revocation.exp === undefined || this.#isWriting) return;
    const end = storableExp(record.exp);
    if (end !== undefined && end <= revocation.exp) return;
    this.#isWriting = true;
    void this.extend(Buffer.from(revocationHashHex, 'hex'), end);
  }

  private async extend(hash: Buffer, end: number | undefined): Promise<void> {
    try {
      await this.revocations.revoke?.(hash, end);
    } catch (error) {
      // It is tried again when the token is asked about again.
      this.#logger.debug(`A revocation was not extended: ${String(error)}`);
    } finally {
      this.#isWriting = false;
    }
  }
}
