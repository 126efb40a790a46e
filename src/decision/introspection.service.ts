import { Inject, Injectable } from '@nestjs/common';
import { ClientRepository } from '../model/client-repository.js';
import type { Caller } from '../model/client.js';
import {
  InvalidTokenError,
  OAuthError,
  TemporarilyUnavailableError,
} from '../model/oauth-error.js';
import { ScanningLimit } from '../limits/scanning-limit.js';
import { ReadAhead } from './read-ahead.js';
import { StrategyRegistry } from './strategy-registry.js';
import { AccessPolicy } from './access-policy.js';
import { clientStateOf } from '../model/token-record.js';
import type { ClientState, Decision, InactiveReason, TokenRecord } from '../model/token-record.js';
import { INACTIVE, activeResponse } from './introspection-response.js';
import type { IntrospectionResponse } from './introspection-response.js';
import { Observers } from '../events/observers.js';
import { IntrospectionSettings } from '../config/settings.js';
import type { TokenIntrospectionRequest } from '../model/token-introspection-request.js';

/** What is known of a request besides what it asks. */
export interface RequestContext {
  /** Names the request in events and logs. */
  readonly requestId?: string;
  /** When it arrived, on the clock of `performance.now()`. Default: now. */
  readonly arrival?: number;
  /** What `readAhead` gave for it. Default: the look-up begins now. */
  readonly ahead?: ReadAhead | undefined;
}

/** Decides on tokens: the same over HTTP and for a host that calls it in process. */
@Injectable()
export class IntrospectionService {
  constructor(
    private readonly registry: StrategyRegistry,
    private readonly settings: IntrospectionSettings,
    @Inject(ClientRepository) private readonly clients: ClientRepository,
    @Inject(AccessPolicy) private readonly policy: AccessPolicy,
    private readonly observers: Observers,
    private readonly scanning: ScanningLimit,
  ) {}

  /**
   * Is the token active, and what does it mean, for this caller, now?
   *
   * @param caller the client that asks; whoever calls has authenticated it
   * @throws UnsupportedTokenTypeError for a hint that is not supported; InvalidTokenError for a
   *   token that nobody recognises, if the options say so; TooManyRequestsError for a caller that
   *   scans for tokens; TemporarilyUnavailableError when a failure of ours, its `cause`, keeps the
   *   answer from being known.
   */
  async introspect(
    request: Readonly<TokenIntrospectionRequest>,
    caller: Caller,
    {
      requestId,
      arrival = performance.now(),
      ahead = this.readAhead(request),
    }: RequestContext = {},
  ): Promise<IntrospectionResponse> {
    const decision = await this.decide(ahead, caller).catch(asOAuthError);
    const reason = decision.active ? undefined : decision.reason;
    const isUnknown = reason === 'unrecognized';
    this.scanning.note(caller.clientId, isUnknown);
    const held = decision.active ? undefined : this.scanning.hold(caller.clientId);
    // An error answer is an event of its own.
    const isError = isUnknown && this.settings.unrecognizedTokens === 'error';
    if (!isError) {
      this.observers.decided({
        active: decision.active,
        reason,
        callerId: caller.clientId,
        clientId: decision.token?.clientId,
        requestId,
        durationMs: performance.now() - arrival,
      });
    }
    if (held) await held;
    if (isError) throw new InvalidTokenError();
    return decision.active ? activeResponse(decision.token, this.settings.issuer) : INACTIVE;
  }

  /** Begins to look a token up while its caller is looked up too. @throws as `introspect` does */
  readAhead({ token, token_type_hint }: Readonly<TokenIntrospectionRequest>): ReadAhead {
    return new ReadAhead(token, this.registry.inOrder(token_type_hint));
  }

  /** Every way out but the last one is inactive. */
  private async decide(ahead: ReadAhead, caller: Caller): Promise<Decision> {
    const finding = await ahead.finding();
    if (!finding) return { active: false, reason: 'unrecognized' };
    if ('rejected' in finding) return { active: false, reason: finding.rejected };

    const found = finding.accepted;
    const refused =
      (await this.clientFault(found)) ??
      (await this.policyFault(found, caller)) ??
      // Last, so that no waiting lies between the clock and the answer.
      timeFault(found, Date.now() / 1000);
    return refused
      ? { active: false, reason: refused, token: found }
      : { active: true, token: found };
  }

  /** RFC 7662 §4: a token is worth no more than the client that it was issued to. */
  private async clientFault(token: TokenRecord): Promise<InactiveReason | undefined> {
    const state = token.clientState ?? (await this.clientState(token.clientId));
    if (state === 'disabled') return 'client_disabled';
    return state === 'unknown' && token.origin === 'own' ? 'client_unknown' : undefined;
  }

  private async clientState(clientId: string | undefined): Promise<ClientState> {
    return clientStateOf(clientId === undefined ? undefined : await this.clients.find(clientId));
  }

  private async policyFault(
    token: TokenRecord,
    caller: Caller,
  ): Promise<InactiveReason | undefined> {
    return (await this.policy.allows(token, caller)) ? undefined : 'not_for_caller';
  }
}

/** RFC 7519 §4.1.4, §4.1.5: expired from `exp` on, valid from `nbf` on, without leeway. */
function timeFault({ exp, nbf }: TokenRecord, now: number): InactiveReason | undefined {
  if (exp !== undefined && now >= exp) return 'expired';
  return nbf !== undefined && now < nbf ? 'not_yet_valid' : undefined;
}

function asOAuthError(failure: unknown): never {
  throw failure instanceof OAuthError ? failure : new TemporarilyUnavailableError(failure);
}
