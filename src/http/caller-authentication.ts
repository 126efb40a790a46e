import { Injectable } from '@nestjs/common';
import { ClientAuthenticator } from '../clients/client-authenticator.js';
import type { Comparison } from '../clients/client-authenticator.js';
import type { Candidates } from '../clients/candidates-plan.js';
import { enabledClient, faultOf } from '../clients/trial.js';
import type { Trial } from '../clients/trial.js';
import { IntrospectionSettings } from '../config/settings.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import type { Attempt, Block } from '../limits/guessing-limit.js';
import type { Client } from '../model/client.js';
import { InvalidClientError, TooManyRequestsError } from '../model/oauth-error.js';
import type { OAuthError } from '../model/oauth-error.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import { ClientAddress } from './client-address.js';
import { credentialsOf } from './credentials.js';
import type { Exchange } from './exchange.js';
import { SlowAuthentication } from './slow-authentication.js';

/**
 * What a blocked attempt is still compared with: a correct caller behind the same address must get in,
 * and a guesser must not. Generated secrets cannot be guessed; known ones have worked before.
 */
const COMPARED: Readonly<Record<Block['by'], Comparison>> = {
  client: 'generated',
  address: 'known',
};

/** Authenticates the caller of a request, within the limits on guessing. */
@Injectable()
export class CallerAuthentication {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly slow: SlowAuthentication,
    private readonly guessing: GuessingLimit,
    private readonly address: ClientAddress,
    private readonly settings: IntrospectionSettings,
  ) {}

  /** Finds out which clients to look up: none for credentials that cannot be read, or not match while blocked. */
  plan(exchange: Exchange): void {
    const credentials = credentialsOf(exchange.raw);
    if (!credentials) return;
    exchange.credentials = credentials;
    const block = this.blockOn(exchange);
    exchange.block = block;
    if (block && !this.authenticator.canMatch(credentials, COMPARED[block.by])) return;
    exchange.candidates = this.authenticator.candidates(credentials);
  }

  /** @throws InvalidClientError, TooManyRequestsError */
  authenticate(exchange: Exchange): Soon<Client> {
    return whenKnown(this.clientOf(exchange), (client) => client ?? this.refusal(exchange));
  }

  /**
   * The client whose credentials the request has. @returns `undefined` when it has none, or wrong ones
   * @throws TooManyRequestsError where too many attempts have failed
   */
  clientOf(exchange: Exchange): Soon<Client | undefined> {
    const { credentials, candidates, block, rows } = exchange;
    if (!credentials) return undefined;
    if (!candidates) return this.blocked(exchange, block!);
    return whenKnown(candidates.meaning(rows), (found) => this.compare(exchange, found));
  }

  /** Refuses a caller that is not authenticated, when the time of the refusal tells nothing. */
  async refusal(exchange: Exchange): Promise<never> {
    const { realm } = this.settings;
    if (exchange.credentials) return this.refuse(exchange, new InvalidClientError(realm));
    if (exchange.raw.headers.authorization === undefined) {
      exchange.fault = { fault: 'no_credentials' };
      return this.refuse(exchange, new InvalidClientError(realm));
    }
    exchange.fault = { fault: 'unreadable_credentials' };
    const block = this.blockOn(exchange) ?? (await this.guessing.begin(this.attempt(exchange)));
    if (block) return this.blocked(exchange, block);
    this.guessing.failed(this.attempt(exchange));
    return this.refuse(exchange, new InvalidClientError(realm));
  }

  private compare(exchange: Exchange, candidates: Candidates): Soon<Client | undefined> {
    const { authenticator } = this;
    const trials = authenticator.trials(exchange.credentials!, candidates);
    // Others that came at the same time may have failed since this one was planned.
    const block = exchange.block ?? this.blockOn(exchange);
    const comparison = block ? COMPARED[block.by] : 'every';
    const client = enabledClient(trials, authenticator.matchQuickly(trials, comparison));
    if (client) return client;
    const fault = faultOf(trials);
    exchange.fault = { ...fault, fault: 'blocked' };
    if (block) return this.blocked(exchange, block);
    return whenKnown(this.compareOn(trials, this.attempt(exchange)), (known) => {
      if (!known) exchange.fault = fault;
      return known;
    });
  }

  /** Goes on where the quick comparison was in vain. */
  private compareOn(trials: readonly Trial[], attempt: Attempt): Soon<Client | undefined> {
    if (this.authenticator.comparesSlowly) return this.slow.authenticate(trials, attempt);
    // It has cost nothing but what it was refused for.
    return whenKnown(this.guessing.begin(attempt), () => {
      this.guessing.failed(attempt);
      return undefined;
    });
  }

  private blockOn(exchange: Exchange): Block | undefined {
    return this.guessing.isBlocking ? this.guessing.blockOn(this.attempt(exchange)) : undefined;
  }

  private blocked(exchange: Exchange, { seconds }: Block): Promise<never> {
    exchange.fault = { ...exchange.fault, fault: 'blocked' };
    return this.refuse(exchange, new TooManyRequestsError(seconds));
  }

  private refuse({ departure }: Exchange, error: OAuthError): Promise<never> {
    return new Promise((_, reject) => departure.wait(() => reject(error)));
  }

  private attempt({ raw, credentials }: Exchange): Attempt {
    return {
      address: this.address.of(raw),
      clientIds: credentials?.readings.map(({ clientId }) => clientId) ?? [],
    };
  }
}
