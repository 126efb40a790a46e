import { Inject, Injectable, Optional } from '@nestjs/common';
import { ClientRepository } from '../model/client-repository.js';
import { TokenTypeHint } from '../model/introspection-strategy.js';
import type {
  Finding,
  IntrospectionStrategy,
  KnownFinding,
} from '../model/introspection-strategy.js';
import { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import type { OpaqueTokenRecord, TokenRecord } from '../model/token-record.js';
import type { Batch } from '../persistence/batch.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { promised } from '../persistence/plan.js';
import { PLANS, findBy, plansOf } from '../persistence/plans.js';
import type { Plan } from '../persistence/plan.js';
import type { Plans } from '../persistence/plans.js';
import type { Rows } from '../persistence/rows.js';
import { OPAQUE_TOKENS } from './opaque-token-rows.js';
import { tokenDigest, tokenDigestHex } from './opaque-token.js';

/** Opaque tokens that this server issued: random strings whose facts are in a row. */
@Injectable()
@TokenTypeHint('access_token')
export class OpaqueTokenStrategy implements IntrospectionStrategy {
  readonly [PLANS]: Plans<KnownFinding | undefined>;

  constructor(
    @Inject(OpaqueTokenRepository) tokens: OpaqueTokenRepository,
    @Inject(ClientRepository) clients: ClientRepository,
    @Optional() reader?: BatchedReader,
  ) {
    // A token's row also has the state of its client, unless the host keeps its clients elsewhere.
    const withClient = plansOf(clients, 'find', reader) !== undefined;
    const inBatch = plansOf(tokens, 'findByDigest', reader) !== undefined;
    const of = inBatch
      ? (token: string) => new StoredTokenPlan(tokenDigestHex(token), withClient)
      : (token: string) => promised(tokens.findByDigest(tokenDigest(token)).then(finding));
    this[PLANS] = { reader, owner: OpaqueTokenStrategy.prototype, of };
  }

  async find(token: string): Promise<Finding | undefined> {
    return findBy(this[PLANS], token);
  }
}

class StoredTokenPlan implements Plan<KnownFinding | undefined> {
  constructor(
    private readonly digestHex: string,
    private readonly withClient: boolean,
  ) {}

  want(batch: Batch): void {
    batch.want(OPAQUE_TOKENS, this.digestHex);
  }

  meaning(rows: Rows): KnownFinding | undefined {
    const stored = rows.get(OPAQUE_TOKENS, this.digestHex);
    if (!stored) return undefined;
    if (stored.record.revoked) return { rejected: 'revoked', token: stored.record };
    return {
      accepted: stored.record,
      clientState: this.withClient ? stored.clientState : undefined,
    };
  }
}

function finding(found: OpaqueTokenRecord | undefined): Finding | undefined {
  if (!found) return undefined;
  const token: TokenRecord = { ...found, origin: 'own' };
  return found.revoked ? { rejected: 'revoked', token } : { accepted: token };
}
