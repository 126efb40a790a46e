import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { BasicCredentials } from './basic-credentials.js';
import { ClientRepository } from '../model/client-repository.js';
import type { Client } from '../model/client.js';
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
  /** Like the first slow hash seen; from then on each reading that fails costs such a comparison. */
  #slowDecoy: string | undefined;

  constructor(@Inject(ClientRepository) private readonly clients: ClientRepository) {}

  async authenticate(
    credentials: BasicCredentials,
    comparison: Comparison = 'every',
  ): Promise<Client | undefined> {
    // Encoded and raw readings of one header are one attempt; both are looked up in one batch.
    const attempts = await Promise.all(
      credentials.readings.map(async ({ clientId, secret }) =>
        this.attempt(await this.clients.find(clientId), secret),
      ),
    );
    const authenticated = await clientOf(attempts, (one) => this.matchesQuickly(one, comparison));
    // Only a success may be quick: whatever is wrong, each reading costs a slow comparison.
    if (authenticated || comparison !== 'every') return authenticated;
    return clientOf(attempts, (one) => this.matchesSlowly(one));
  }

  private attempt(client: Client | undefined, secret: string): Attempt {
    const live = client?.secrets.filter(isLive).map(({ hash }) => hash) ?? [];
    const slow = live.filter(isSlowHash);
    if (slow[0] !== undefined) this.#slowDecoy ??= decoyOf(slow[0]);
    // An unknown client is compared too, with a secret that nobody has.
    const quick = live.length > 0 ? live.filter((hash) => !isSlowHash(hash)) : [this.#decoy];
    return { client, secret, quick, slow };
  }

  private async matchesQuickly(
    { secret, quick, slow }: Attempt,
    comparison: Comparison,
  ): Promise<boolean> {
    let matches =
      comparison !== 'generated' && slow.some((hash) => this.#remembered.has(hash, secret));
    for (const hash of quick) if (await verifySecret(hash, secret)) matches = true;
    return matches;
  }

  private async matchesSlowly({ secret, slow }: Attempt): Promise<boolean> {
    let matches = false;
    for (const hash of slow) {
      if (!(await verifySecret(hash, secret))) continue;
      this.#remembered.add(hash, secret);
      matches = true;
    }
    if (slow.length === 0 && this.#slowDecoy) await verifySecret(this.#slowDecoy, secret);
    return matches;
  }
}

/** One reading of the credentials, with what its secret is compared with. */
interface Attempt {
  readonly client: Client | undefined;
  readonly secret: string;
  readonly quick: readonly string[];
  readonly slow: readonly string[];
}

/** The enabled client of the first attempt that matches. All are tried, whatever the first ones say. */
async function clientOf(
  attempts: readonly Attempt[],
  matches: (attempt: Attempt) => Promise<boolean>,
): Promise<Client | undefined> {
  let found: Client | undefined;
  for (const attempt of attempts) {
    if ((await matches(attempt)) && attempt.client?.enabled) found ??= attempt.client;
  }
  return found;
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
