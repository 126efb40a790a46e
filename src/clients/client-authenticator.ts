import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ClientRepository } from '../model/client-repository.js';
import type { Client } from '../model/client.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { promised } from '../persistence/plan.js';
import { plansOf } from '../persistence/plans.js';
import type { Plan } from '../persistence/plan.js';
import type { BasicCredentials } from './basic-credentials.js';
import { CandidatesPlan } from './candidates-plan.js';
import type { Candidates } from './candidates-plan.js';
import { RememberedVerdicts } from './remembered-verdicts.js';
import { decoyOf, hashSecret, isSlowHash, isStoredAs, verifySlowly } from './secret-hash.js';
import { liveHashes } from './trial.js';
import type { Trial } from './trial.js';

/**
 * The stored secrets that presented credentials are compared with: `every` secret of the client; the
 * `known` ones, which are the generated ones and those chosen by a person that have matched before; or
 * the `generated` ones alone, which cannot be guessed.
 */
export type Comparison = 'every' | 'known' | 'generated';

/** Most clients that are remembered to have chosen their secrets. */
const MOST_CHOOSERS = 10_000;

/** The fewest characters that can hold a generated secret: 128 bits in hexadecimal. */
const SHORTEST_GENERATED = 32;

/**
 * Decides whether presented credentials are those of an enabled client, from the client's row as it is
 * now. An unknown client, a wrong secret and a disabled client cost the same work and give the same answer.
 *
 * Credentials are compared in two steps: at once with what is quick to compare, and then, where that was
 * in vain, slowly with the secrets that a person chose.
 */
@Injectable()
export class ClientAuthenticator implements OnApplicationBootstrap {
  readonly #clientOf: (clientId: string) => Plan<Client | undefined> | undefined;
  /** Which secrets have matched a slow hash, and which have worked for a client id. */
  readonly #matched = new RememberedVerdicts();
  readonly #worked = new RememberedVerdicts();
  readonly #choosers = new LRUCache<string, true>({ max: MOST_CHOOSERS });
  /** The hash that the secret is compared with when the client is unknown. */
  readonly #decoy = decoyOf(hashSecret(''));
  /** A decoy like the first slow hash seen; from then on each reading that fails costs one slow comparison. */
  #slowDecoy: string | undefined;

  constructor(
    @Inject(ClientRepository) private readonly clients: ClientRepository,
    @Optional() reader?: BatchedReader,
  ) {
    this.#clientOf =
      plansOf<Client | undefined>(clients, 'find', reader) ??
      ((clientId) => promised(clients.find(clientId)));
  }

  /** Failures must cost the same from the first on, if any client has a chosen secret. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      const hash = await this.clients.findChosenSecret?.();
      if (hash !== undefined && isSlowHash(hash)) this.#slowDecoy ??= decoyOf(hash);
    } catch (failure) {
      // Whether any has a chosen secret is learnt from the first that has; storage need not be there at start.
      const { message } = failure as Error;
      new Logger('Introspection').warn(`The clients cannot be read yet: ${message}`);
    }
  }

  /** Looks up the client of each reading. */
  candidates({ readings }: BasicCredentials): Plan<Candidates> {
    return new CandidatesPlan(readings.map(({ clientId }) => this.#clientOf(clientId)));
  }

  /** Whether it can be worth looking the clients up: not if nothing that is compared could match. */
  canMatch({ readings }: BasicCredentials, comparison: Comparison): boolean {
    return comparison !== 'generated' || readings.some(({ secret }) => isLongEnough(secret));
  }

  /** Whether the credentials have worked here, with a chosen secret. Whoever asks must count the answer no. */
  haveWorked({ readings }: BasicCredentials): boolean {
    return readings.some(({ clientId, secret }) => this.#worked.has(clientId, secret));
  }

  /** Whether any chosen secret has worked for the client here. */
  isChooser(clientId: string): boolean {
    return this.#choosers.has(clientId);
  }

  /** The encoded and the raw reading are one attempt. Both are always tried, so that the time is the same. */
  trials({ readings }: BasicCredentials, candidates: Candidates): readonly Trial[] {
    return readings.map(({ clientId, secret }, at) => {
      const client = candidates[at];
      const live = liveHashes(client);
      const slow = live.filter(isSlowHash);
      if (slow[0] !== undefined) this.#slowDecoy ??= decoyOf(slow[0]);
      // Where the client is unknown, the comparison is with a secret that no client has.
      const quick = live.length > 0 ? live.filter((hash) => !isSlowHash(hash)) : [this.#decoy];
      return { clientId, client, secret, quick, slow };
    });
  }

  /** Whether each trial matches what is quick to compare. */
  matchQuickly(trials: readonly Trial[], comparison: Comparison): readonly boolean[] {
    return trials.map(({ secret, quick, slow }) => {
      let matches =
        comparison !== 'generated' && slow.some((hash) => this.#matched.has(hash, secret));
      const digest = hashSecret(secret);
      for (const hash of quick) if (isStoredAs(hash, digest)) matches = true;
      return matches;
    });
  }

  /**
   * Whether what does not match quickly is compared slowly: every failure is, once anybody has chosen a
   * secret, whether its own client has or not.
   */
  get comparesSlowly(): boolean {
    return this.#slowDecoy !== undefined;
  }

  /** Names what a slow comparison of these trials is about: the same name, the same outcome. */
  nameOf(trials: readonly Trial[], address: string): string {
    const compared = trials.map(({ clientId, secret, slow }) => [clientId, secret, slow]);
    return this.#matched.nameOf(address, JSON.stringify(compared));
  }

  /** Whether each trial matches a chosen secret. It costs one slow comparison for each trial at the least. */
  async matchSlowly(trials: readonly Trial[]): Promise<readonly boolean[]> {
    const matches: boolean[] = [];
    for (const trial of trials) matches.push(await this.matchesSlowly(trial));
    return matches;
  }

  private async matchesSlowly({ clientId, secret, slow }: Trial): Promise<boolean> {
    let matches = false;
    for (const hash of slow) {
      if (!(await verifySlowly(hash, secret))) continue;
      this.#matched.add(hash, secret);
      this.#worked.add(clientId, secret);
      this.#choosers.set(clientId, true);
      matches = true;
    }
    if (slow.length === 0) await verifySlowly(this.#slowDecoy!, secret);
    return matches;
  }
}

function isLongEnough(secret: string): boolean {
  return secret.length >= SHORTEST_GENERATED;
}
