import { Inject, Injectable } from '@nestjs/common';
import { AccessPolicy } from '../model/access-policy.js';
import { ClientRepository } from '../model/client-repository.js';
import { clientStateOf } from '../model/client.js';
import type { Caller, ClientState } from '../model/client.js';
import type { InactiveReason } from '../model/inactive-reason.js';
import { UNTRUSTED_ISSUER } from '../model/introspection-strategy.js';
import type { KnownFinding } from '../model/introspection-strategy.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { TokenRecord } from '../model/token-record.js';

/** The outcome of one introspection. */
export type Decision =
  | { readonly active: true; readonly token: TokenRecord }
  | {
      readonly active: false;
      readonly reason: InactiveReason;
      readonly token?: TokenRecord;
      /** Whether the caller may see the token, were it active. It may know then that there is one. */
      readonly isVisible: boolean;
    };

const UNRECOGNIZED = unknown('unrecognized');
const OF_UNTRUSTED_ISSUER = unknown('untrusted_issuer');

/** Whether no strategy knows the token. */
export function isUnrecognized(decision: Decision): boolean {
  return (
    decision === OF_UNTRUSTED_ISSUER || (!decision.active && decision.reason === 'unrecognized')
  );
}

/** Decides whether a token that was looked up is active for a caller. Every way out but the last is inactive. */
@Injectable()
export class Decider {
  constructor(
    @Inject(ClientRepository) private readonly clients: ClientRepository,
    @Inject(AccessPolicy) private readonly policy: AccessPolicy,
  ) {}

  decide(finding: KnownFinding | undefined, caller: Caller): Soon<Decision> {
    if (!finding) return UNRECOGNIZED;
    if (finding === UNTRUSTED_ISSUER) return OF_UNTRUSTED_ISSUER;
    const rejected = 'rejected' in finding ? finding.rejected : undefined;
    const token = 'rejected' in finding ? finding.token : finding.accepted;
    if (!token) return { active: false, reason: rejected!, isVisible: false };
    return whenKnown(this.policy.allows(token, caller), (isVisible) => {
      const inactive = (reason: InactiveReason): Decision => {
        return { active: false, reason, token, isVisible };
      };
      if (rejected !== undefined) return inactive(rejected);
      return whenKnown(finding.clientState ?? this.clientState(token.clientId), (state) => {
        const fault =
          clientFault(token, state) ??
          (isVisible ? undefined : 'not_for_caller') ??
          // Last, so that no waiting lies between the clock and the answer.
          timeFault(token, Date.now() / 1000);
        return fault === undefined ? { active: true, token } : inactive(fault);
      });
    });
  }

  /** Where the rows of the token have not told it. */
  private clientState(clientId: string | undefined): Soon<ClientState> {
    if (clientId === undefined) return 'unknown';
    return this.clients.find(clientId).then(clientStateOf);
  }
}

function unknown(reason: InactiveReason): Decision {
  return Object.freeze({ active: false, reason, isVisible: false });
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
