import { Injectable } from '@nestjs/common';
import { ClientAuthenticator } from '../clients/client-authenticator.js';
import { enabledClient } from '../clients/trial.js';
import type { Trial } from '../clients/trial.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import type { Attempt } from '../limits/guessing-limit.js';
import { SlowComparisons } from '../limits/slow-comparisons.js';
import type { Client } from '../model/client.js';
import { TooManyRequestsError } from '../model/oauth-error.js';

/**
 * Compares with the secrets that somebody chose. Each attempt is counted before it costs anything. Equal
 * ones that are at work at the same time are one attempt and one comparison, for a correct caller may
 * send many requests before the first is answered.
 */
@Injectable()
export class SlowAuthentication {
  readonly #atWork = new Map<string, Promise<readonly boolean[]>>();

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
    const name = this.authenticator.nameOf(trials);
    const joined = this.#atWork.get(name);
    const client = enabledClient(trials, await (joined ?? this.begin(name, trials, attempt)));
    if (joined && !client) await this.guessing.begin(attempt);
    if (!client) this.guessing.failed(attempt);
    else if (!joined) this.guessing.succeeded(attempt);
    return client;
  }

  private begin(
    name: string,
    trials: readonly Trial[],
    attempt: Attempt,
  ): Promise<readonly boolean[]> {
    const comparison = this.compare(trials, attempt).finally(() => this.#atWork.delete(name));
    this.#atWork.set(name, comparison);
    return comparison;
  }

  private async compare(trials: readonly Trial[], attempt: Attempt): Promise<readonly boolean[]> {
    const block = await this.guessing.begin(attempt);
    if (block) throw new TooManyRequestsError(block.seconds);
    const compare = () => this.authenticator.matchSlowly(trials);
    try {
      return await this.comparisons.run(attempt.address, compare);
    } catch (failure) {
      this.guessing.failed(attempt);
      throw failure;
    }
  }
}
