import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { BasicCredentials } from './basic-credentials.js';
import { ClientRepository } from './client-repository.js';
import type { Client } from './client.js';
import { decoyOf, hashSecret, isSlowHash, verifySecret } from './secret-hash.js';

/**
 * What presented credentials are compared with: `every` secret of the client; the `known`, which are
 * the generated ones and those chosen ones that have matched before; or the `generated` alone, which
 * nobody can guess.
 */
export type Comparison = 'every' | 'known' | 'generated';

/**
 * Decides whether presented credentials are those of an enabled client, on the client's row as it is
 * now. Whatever is wrong with them, the work done and the answer are the same.
 */
@Injectable()
export class ClientAuthenticator {
  readonly #remembered = new RememberedVerdicts();
  /** What the secret of an unknown client is compared with. */
  readonly #decoy = decoyOf(hashSecret(''));
  /** Like the first slow hash that was seen; from then on every failure costs one such comparison. */
  #slowDecoy: string | undefined;

  constructor(@Inject(ClientRepository) private readonly clients: ClientRepository) {}

  async authenticate(
    credentials: BasicCredentials,
    comparison: Comparison = 'every',
  ): Promise<Client | undefined> {
    // Encoded and raw readings of one header are one attempt; both are looked up in one batch.
    const found = await Promise.all(
      credentials.readings.map(({ clientId }) => this.clients.find(clientId)),
    );
    let authenticated: Client | undefined;
    let slow = false;
    for (const [at, { secret }] of credentials.readings.entries()) {
      const client = found[at];
      const live = client?.secrets.filter(isLive) ?? [];
      // An unknown client is compared too, with a secret that nobody has.
      for (const { hash } of live.length > 0 ? live : [{ hash: this.#decoy }]) {
        const isSlow = isSlowHash(hash);
        const remembered =
          isSlow && comparison !== 'generated' && this.#remembered.has(hash, secret);
        if (isSlow) this.#slowDecoy ??= decoyOf(hash);
        // What is remembered was quick: by that a disabled client's right secret would be known.
        slow ||= isSlow && !remembered;
        const matches = remembered || (await this.verify(hash, secret, comparison));
        if (matches && client?.enabled) authenticated ??= client;
      }
    }
    if (!authenticated && !slow && this.#slowDecoy && comparison === 'every') {
      await verifySecret(this.#slowDecoy, credentials.readings[0].secret);
    }
    return authenticated;
  }

  private verify(hash: string, secret: string, comparison: Comparison): boolean | Promise<boolean> {
    if (!isSlowHash(hash)) return verifySecret(hash, secret);
    return comparison === 'every' && this.verifySlow(hash, secret);
  }

  private async verifySlow(hash: string, secret: string): Promise<boolean> {
    const verified = await verifySecret(hash, secret);
    if (verified) this.#remembered.add(hash, secret);
    return verified;
  }
}

function isLive({ expiresAt }: { expiresAt?: number | undefined }): boolean {
  return expiresAt === undefined || Date.now() < expiresAt * 1000;
}

/**
 * Remembers that a secret matched a slow hash: a pure fact of the two, so it stays true whatever
 * becomes of the client, whose row is read afresh each time. Successes alone, and neither the secret
 * nor anything that a guess could be checked against outside of this process.
 */
class RememberedVerdicts {
  readonly #key = randomBytes(32);
  readonly #verdicts = new LRUCache<string, true>({ max: 10_000 });

  has(hash: string, secret: string): boolean {
    return this.#verdicts.get(this.nameOf(hash, secret)) === true;
  }

  add(hash: string, secret: string): void {
    this.#verdicts.set(this.nameOf(hash, secret), true);
  }

  private nameOf(hash: string, secret: string): string {
    // A stored hash has no NUL in it, so the pair is read in one way alone.
    return createHmac('sha256', this.#key).update(`${hash}\0${secret}`).digest('base64');
  }
}
