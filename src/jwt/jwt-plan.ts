import { clientStateOf } from '../model/client.js';
import type { Client } from '../model/client.js';
import type { KnownFinding } from '../model/introspection-strategy.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { Batch } from '../persistence/batch.js';
import type { Plan } from '../persistence/plan.js';
import type { Rows } from '../persistence/rows.js';
import type { JwtVerifier, VerifiedJwt } from './jwt-verifier.js';

/** Looks one JWT up: its revocation and its client are read each time; its signature can be remembered. */
export class JwtPlan implements Plan<KnownFinding | undefined> {
  /** @param client absent where the token names no client, or an id that no client can have */
  constructor(
    private readonly verdict: () => ReturnType<JwtVerifier['verdict']>,
    private readonly revocation: Plan<boolean | undefined>,
    private readonly client: Plan<Client | undefined> | undefined,
  ) {}

  want(batch: Batch): void {
    this.revocation.want(batch);
    this.client?.want(batch);
  }

  meaning(rows: Rows): Soon<KnownFinding | undefined> {
    return whenKnown(this.verdict(), (verdict) =>
      !verdict || 'rejected' in verdict ? verdict : this.stateOf(verdict, rows),
    );
  }

  private stateOf({ record }: VerifiedJwt, rows: Rows): Soon<KnownFinding> {
    return whenKnown(this.revocation.meaning(rows), (revoked) => {
      if (revoked) return { rejected: 'revoked', token: record };
      return whenKnown(this.client?.meaning(rows), (client) => ({
        accepted: record,
        clientState: clientStateOf(client),
      }));
    });
  }
}
