import { Injectable } from '@nestjs/common';
import { ClientAuthenticator } from '../clients/client-authenticator.js';
import { enabledClient } from '../clients/trial.js';
import type { Trial } from '../clients/trial.js';
import type { Attempt } from '../limits/attempt.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import { SlowComparisons } from '../limits/slow-comparisons.js';
import type { Client } from '../model/client.js';
import { TooManyRequestsError } from '../model/oauth-error.js';

/** Most attempts that wait for an equal one of the same address, and in all: each keeps its request. */
const MOST_JOINED = 200;
const MOST_JOINED_IN_ALL = 1000;

/** A comparison, and how many attempts have joined the one that began it. */
interface AtWork {
  readonly matches: Promise<readonly boolean[]>;
  joined: number;
}

/**
 * Compares with the secrets that somebody chose. Each attempt is counted before it costs anything. Equal
 * ones from one address that are at work at the same time are one attempt and one comparison, for a correct
 * caller may send many requests before the first is answered.
 */
@Injectable()
export class SlowAuthentication {
  readonly #atWork = new Map<string, AtWork>();
  #joined = 0;

  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly guessing: GuessingLimit,
    private readonly comparisons: SlowComparisons,
  ) {}

  /**
   * @returns the client; `undefined` when none of its chosen secrets matches
   * @throws TooManyRequestsError, TemporarilyUnavailableError: it was not compared
   */
  async authenticate(trials: readonly Trial[], attempt: Attempt): Promise<Client | undefined> {
    const name = this.authenticator.nameOf(trials, attempt.address);
    const equal = this.#atWork.get(name);
    if (equal) return this.join(equal, trials, attempt);
    const client = enabledClient(trials, await this.begin(name, trials, attempt));
    if (client) this.guessing.takeBack(attempt);
    else this.guessing.failed(attempt);
    return client;
  }

  private async join(
    equal: AtWork,
    trials: readonly Trial[],
    attempt: Attempt,
  ): Promise<Client | undefined> {
    if (equal.joined >= MOST_JOINED || this.#joined >= MOST_JOINED_IN_ALL) {
      throw new TooManyRequestsError(1);
    }
    equal.joined++;
    this.#joined++;
    const matches = await equal.matches.finally(() => this.#joined--);
    const client = enabledClient(trials, matches);
    if (!client) await this.guessing.count(attempt);
    return client;
  }

  private begin(
    name: string,
    trials: readonly Trial[],
    attempt: Attempt,
  ): Promise<readonly boolean[]> {
    const matches = this.compare(trials, attempt).finally(() => this.#atWork.delete(name));
    this.#atWork.set(name, { matches, joined: 0 });
    return matches;
  }

  private async compare(trials: readonly Trial[], attempt: Attempt): Promise<readonly boolean[]> {
    try {
      const block = await this.guessing.begin(attempt);
      if (block) throw new TooManyRequestsError(block.seconds);
      return await this.comparisons.run(attempt.address, () =>
        this.authenticator.matchSlowly(trials),
      );
    } catch (failure) {
      // Where a secret of the client is remembered, it was compared with that, and is a guess all the same.
      if (trials.some(({ clientId }) => this.authenticator.isChooser(clientId))) {
        this.guessing.failed(attempt);
      } else this.guessing.takeBack(attempt);
      throw failure;
    }
  }
}
