import { clientStateOf } from '../model/client.js';
import type { Client } from '../model/client.js';
import type { KnownFinding } from '../model/introspection-strategy.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { TokenRecord } from '../model/token-record.js';
import type { Batch } from '../persistence/batch.js';
import type { Plan } from '../persistence/plan.js';
import type { Rows } from '../persistence/rows.js';
import type { JwtVerifier, VerifiedJwt } from './jwt-verifier.js';
import type { RevocationExtension } from './revocation-extension.js';
import type { StoredRevocation } from './revoked-jwt-rows.js';

/** Looks a revocation up; a host's own repository tells only whether there is one. */
export type RevocationPlan = Plan<StoredRevocation | boolean | undefined>;

/** Looks one JWT up: its revocation and its client are read each time; its signature can be remembered. */
export class JwtPlan implements Plan<KnownFinding | undefined> {
  /** @param client absent where the token names no client, or an id that no client can have */
  constructor(
    private readonly verdict: () => ReturnType<JwtVerifier['verdict']>,
    private readonly revocation: RevocationPlan,
    private readonly client: Plan<Client | undefined> | undefined,
    private readonly extension: RevocationExtension,
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

  private stateOf(verified: VerifiedJwt, rows: Rows): Soon<KnownFinding> {
    return whenKnown(this.revocation.meaning(rows), (revocation) => {
      if (revocation) {
        this.extension.covers(revocation, verified);
        return { rejected: 'revoked', token: verified.record };
      }
      return whenKnown(this.client?.meaning(rows), (client) => ({
        accepted: verified.record,
        clientState: isOfAnEarlierClient(verified.record, client)
          ? 'unknown'
          : clientStateOf(client),
      }));
    });
  }
}

/** Whether it was issued to a client that was deleted, whose id is registered again. Without `iat` it may have been. */
function isOfAnEarlierClient({ origin, iat }: TokenRecord, client: Client | undefined): boolean {
  if (origin !== 'own' || client?.tokensFrom === undefined) return false;
  return iat === undefined || iat < client.tokensFrom;
}
