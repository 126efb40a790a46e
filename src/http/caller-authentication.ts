import { Injectable } from '@nestjs/common';
import { ClientAuthenticator } from '../clients/client-authenticator.js';
import type { Comparison } from '../clients/client-authenticator.js';
import type { Candidates } from '../clients/candidates-plan.js';
import { enabledClient, faultOf } from '../clients/trial.js';
import type { Trial } from '../clients/trial.js';
import { IntrospectionSettings } from '../config/settings.js';
import type { Attempt, Block } from '../limits/attempt.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import type { Client } from '../model/client.js';
import { InvalidClientError, TooManyRequestsError } from '../model/oauth-error.js';
import type { OAuthError } from '../model/oauth-error.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import { ClientAddress } from './client-address.js';
import { credentialsOf } from './credentials.js';
import type { Exchange } from './exchange.js';
import { SlowAuthentication } from './slow-authentication.js';

/** Most blocked attempts whose clients are being looked up: who is blocked must not crowd out others. */
const MOST_BLOCKED_READS = 100;

/** Authenticates the caller of a request, within the limits on guessing. */
@Injectable()
export class CallerAuthentication {
  #blockedReads = 0;

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
    if (block && !this.mayLookUp(exchange, block)) return;
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
    const block = this.blockOn(exchange);
    if (block) return this.blocked(exchange, block);
    await this.guessing.count(this.attempt(exchange));
    return this.refuse(exchange, new InvalidClientError(realm));
  }

  private compare(exchange: Exchange, candidates: Candidates): Soon<Client | undefined> {
    const { authenticator } = this;
    const trials = authenticator.trials(exchange.credentials!, candidates);
    // Others that came at the same time may have failed since this one was planned.
    const block = exchange.block ?? this.blockOn(exchange);
    const comparison = block ? this.comparisonFor(exchange, block) : 'every';
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
    return whenKnown(this.guessing.count(attempt), () => undefined);
  }

  /** Whether a blocked caller's client is looked up at all. */
  private mayLookUp(exchange: Exchange, block: Block): boolean {
    const comparison = this.comparisonFor(exchange, block);
    if (!this.authenticator.canMatch(exchange.credentials!, comparison)) return false;
    if (this.#blockedReads >= MOST_BLOCKED_READS) return false;
    this.#blockedReads++;
    exchange.onRead = () => this.#blockedReads--;
    return true;
  }

  /**
   * What a blocked attempt is still compared with: a correct caller behind the same address must get in,
   * and a guesser must not. Generated secrets cannot be guessed. Where the address is blocked, a chosen
   * secret that has worked before is let in; one that has not is a guess, and counts for its client.
   */
  private comparisonFor(exchange: Exchange, { by }: Block): Comparison {
    if (by === 'client') return 'generated';
    if (exchange.comparison) return exchange.comparison;
    const { authenticator } = this;
    if (authenticator.haveWorked(exchange.credentials!)) return (exchange.comparison = 'known');
    const { address, clientIds } = this.attempt(exchange);
    const choosers = clientIds.filter((id) => authenticator.isChooser(id));
    if (choosers.length > 0) this.guessing.countClient({ address, clientIds: choosers });
    return (exchange.comparison = 'generated');
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

  private attempt(exchange: Exchange): Attempt {
    return (exchange.attempt ??= {
      address: this.address.of(exchange.raw),
      clientIds: exchange.credentials?.readings.map(({ clientId }) => clientId) ?? [],
    });
  }
}
