import { Inject, Injectable } from '@nestjs/common';
import { AccessPolicy } from '../model/access-policy.js';
import { ClientRepository } from '../model/client-repository.js';
import { clientStateOf } from '../model/client.js';
import type { Caller, ClientState } from '../model/client.js';
import type { InactiveReason } from '../model/inactive-reason.js';
import type { KnownFinding } from '../model/introspection-strategy.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { TokenRecord } from '../model/token-record.js';

/** The outcome of one introspection. */
export type Decision =
  | { readonly active: true; readonly token: TokenRecord }
  | { readonly active: false; readonly reason: InactiveReason; readonly token?: TokenRecord };

const UNRECOGNIZED: Decision = Object.freeze({ active: false, reason: 'unrecognized' });

/** Decides whether a token that was looked up is active for a caller. Every way out but the last is inactive. */
@Injectable()
export class Decider {
  constructor(
    @Inject(ClientRepository) private readonly clients: ClientRepository,
    @Inject(AccessPolicy) private readonly policy: AccessPolicy,
  ) {}

  decide(finding: KnownFinding | undefined, caller: Caller): Soon<Decision> {
    if (!finding) return UNRECOGNIZED;
    if ('rejected' in finding) return { active: false, reason: finding.rejected };
    const token = finding.accepted;
    return whenKnown(finding.clientState ?? this.clientState(token.clientId), (state) => {
      const fault = clientFault(token, state);
      if (fault) return inactive(fault, token);
      return whenKnown(this.policy.allows(token, caller), (allowed) => {
        if (!allowed) return inactive('not_for_caller', token);
        // Last, so that no waiting lies between the clock and the answer.
        const late = timeFault(token, Date.now() / 1000);
        return late ? inactive(late, token) : { active: true, token };
      });
    });
  }

  /** Where the rows of the token have not told it. */
  private clientState(clientId: string | undefined): Soon<ClientState> {
    if (clientId === undefined) return 'unknown';
    return this.clients.find(clientId).then(clientStateOf);
  }
}

function inactive(reason: InactiveReason, token: TokenRecord): Decision {
  return { active: false, reason, token };
}

/** RFC 7662 §4: a token is worth no more than the client that it was issued to. */
function clientFault({ origin }: TokenRecord, state: ClientState): InactiveReason | undefined {
  if (state === 'disabled') return 'client_disabled';
  return state === 'unknown' && origin === 'own' ? 'client_unknown' : undefined;
}

/** RFC 7519 §4.1.4, §4.1.5: expired from `exp` on, valid from `nbf` on, without leeway. */
function timeFault({ exp, nbf }: TokenRecord, now: number): InactiveReason | undefined {
  if (exp !== undefined && now >= exp) return 'expired';
  return nbf !== undefined && now < nbf ? 'not_yet_valid' : undefined;
}
