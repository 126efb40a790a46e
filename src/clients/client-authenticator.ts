import { Inject, Injectable, Optional } from '@nestjs/common';
import { ClientRepository } from '../model/client-repository.js';
import type { Client } from '../model/client.js';
import type { Soon } from '../model/soon.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { promised } from '../persistence/plan.js';
import { plansOf } from '../persistence/plans.js';
import type { Plan } from '../persistence/plan.js';
import type { BasicCredentials } from './basic-credentials.js';
import { CandidatesPlan } from './candidates-plan.js';
import type { Candidates } from './candidates-plan.js';
import { RememberedVerdicts } from './remembered-verdicts.js';
import { decoyOf, hashSecret, isSlowHash, isStoredAs, verifySlowly } from './secret-hash.js';

/**
 * The stored secrets that presented credentials are compared with: `every` secret of the client; the
 * `known` ones, which are the generated ones and those chosen by a person that have matched before; or
 * the `generated` ones alone, which cannot be guessed.
 */
export type Comparison = 'every' | 'known' | 'generated';

/** One reading of the credentials, with the hashes that its secret is compared with. */
interface Trial {
  readonly client: Client | undefined;
  readonly secret: string;
  readonly quick: readonly string[];
  readonly slow: readonly string[];
}

/**
 * Decides whether presented credentials are those of an enabled client, from the client's row as it is
 * now. An unknown client, a wrong secret and a disabled client cost the same work and give the same answer.
 */
@Injectable()
export class ClientAuthenticator {
  readonly #clientOf: (clientId: string) => Plan<Client | undefined> | undefined;
  readonly #remembered = new RememberedVerdicts();
  /** The hash that the secret is compared with when the client is unknown. */
  readonly #decoy = decoyOf(hashSecret(''));
  /** A decoy like the first slow hash seen; from then on each reading that fails costs one slow comparison. */
  #slowDecoy: string | undefined;

  constructor(
    @Inject(ClientRepository) clients: ClientRepository,
    @Optional() reader?: BatchedReader,
  ) {
    this.#clientOf =
      plansOf<Client | undefined>(clients, 'find', reader) ??
      ((clientId) => promised(clients.find(clientId)));
  }

  /** Looks up the client of each reading. */
  candidates({ readings }: BasicCredentials): Plan<Candidates> {
    return new CandidatesPlan(readings.map(({ clientId }) => this.#clientOf(clientId)));
  }

  /** @returns the client; a promise only where a chosen secret must be compared that has not matched before */
  authenticate(
    { readings }: BasicCredentials,
    candidates: Candidates,
    comparison: Comparison = 'every',
  ): Soon<Client | undefined> {
    // The encoded and the raw reading are one attempt. Both are always tried, so that the time is the same.
    const trials = readings.map(({ secret }, at) => this.trial(candidates[at], secret));
    const quick = trials.map((trial) => this.matchesQuickly(trial, comparison));
    const authenticated = enabledClient(trials, quick);
    // Only a success may be quick: every failure costs a slow comparison for each reading.
    if (authenticated || comparison !== 'every' || !this.#slowDecoy) return authenticated;
    return this.authenticateSlowly(trials);
  }

  private trial(client: Client | undefined, secret: string): Trial {
    const live = client?.secrets.filter(isLive).map(({ hash }) => hash) ?? [];
    const slow = live.filter(isSlowHash);
    if (slow[0] !== undefined) this.#slowDecoy ??= decoyOf(slow[0]);
    // Where the client is unknown, the comparison is with a secret that no client has.
    const quick = live.length > 0 ? live.filter((hash) => !isSlowHash(hash)) : [this.#decoy];
    return { client, secret, quick, slow };
  }

  private matchesQuickly({ secret, quick, slow }: Trial, comparison: Comparison): boolean {
    let matches =
      comparison !== 'generated' && slow.some((hash) => this.#remembered.has(hash, secret));
    const digest = hashSecret(secret);
    for (const hash of quick) if (isStoredAs(hash, digest)) matches = true;
    return matches;
  }

  private async authenticateSlowly(trials: readonly Trial[]): Promise<Client | undefined> {
    const slow: boolean[] = [];
    for (const trial of trials) slow.push(await this.matchesSlowly(trial));
    return enabledClient(trials, slow);
  }

  private async matchesSlowly({ secret, slow }: Trial): Promise<boolean> {
    let matches = false;
    for (const hash of slow) {
      if (!(await verifySlowly(hash, secret))) continue;
      this.#remembered.add(hash, secret);
      matches = true;
    }
    if (slow.length === 0) await verifySlowly(this.#slowDecoy!, secret);
    return matches;
  }
}

/** The enabled client of the first trial that matches. */
function enabledClient(trials: readonly Trial[], matches: readonly boolean[]): Client | undefined {
  return trials.find(({ client }, at) => matches[at] && client?.enabled)?.client;
}

function isLive({ expiresAt }: { expiresAt?: number | undefined }): boolean {
  return expiresAt === undefined || Date.now() < expiresAt * 1000;
}
