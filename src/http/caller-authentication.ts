import { Injectable } from '@nestjs/common';
import { ClientAuthenticator } from '../clients/client-authenticator.js';
import type { Comparison } from '../clients/client-authenticator.js';
import { IntrospectionSettings } from '../config/settings.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import type { Attempt, Block } from '../limits/guessing-limit.js';
import type { Client } from '../model/client.js';
import { InvalidClientError, TooManyRequestsError } from '../model/oauth-error.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import { ClientAddress } from './client-address.js';
import type { Exchange } from './exchange.js';

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
    private readonly guessing: GuessingLimit,
    private readonly address: ClientAddress,
    private readonly settings: IntrospectionSettings,
  ) {}

  /** @throws InvalidClientError, TooManyRequestsError */
  authenticate(exchange: Exchange): Soon<Client> {
    return whenKnown(this.clientOf(exchange), (client) => client ?? this.refusal(exchange));
  }

  /**
   * The client whose credentials the request has. @returns `undefined` when it has none, or wrong ones
   * @throws TooManyRequestsError where too many attempts have failed
   */
  clientOf(exchange: Exchange): Soon<Client | undefined> {
    const { credentials, candidates, rows } = exchange;
    if (!credentials || !candidates) return undefined;
    const block = this.guessing.isBlocking
      ? this.guessing.blockOn(this.attempt(exchange))
      : undefined;
    const comparison = block ? COMPARED[block.by] : 'every';
    const client = whenKnown(candidates.meaning(rows), (found) =>
      this.authenticator.authenticate(credentials, found, comparison),
    );
    return whenKnown(client, (known) => known ?? this.failed(exchange, block));
  }

  /** Refuses a caller that is not authenticated, when the time of the refusal tells nothing. */
  refusal({ departure }: Exchange): Promise<never> {
    return new Promise((_, reject) => {
      departure.wait(() => reject(new InvalidClientError(this.settings.realm)));
    });
  }

  private async failed(exchange: Exchange, block: Block | undefined): Promise<undefined> {
    if (block) throw new TooManyRequestsError(block.seconds);
    await this.guessing.failed(this.attempt(exchange));
  }

  private attempt({ raw, credentials }: Exchange): Attempt {
    return {
      address: this.address.of(raw),
      clientIds: credentials!.readings.map(({ clientId }) => clientId),
    };
  }
}
