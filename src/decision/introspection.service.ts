import { Inject, Injectable, Optional } from '@nestjs/common';
import { IntrospectionSettings } from '../config/settings.js';
import { Observers } from '../events/observers.js';
import { JwtVerifier } from '../jwt/jwt-verifier.js';
import { ScanningLimit } from '../limits/scanning-limit.js';
import { ClientRepository } from '../model/client-repository.js';
import type { Caller, Client } from '../model/client.js';
import {
  InvalidClientError,
  InvalidTokenError,
  UnauthorizedClientError,
  oauthErrorOf,
} from '../model/oauth-error.js';
import { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import { isLater, whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { TokenIntrospectionRequest } from '../model/token-introspection-request.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { NO_ROWS } from '../persistence/rows.js';
import type { Rows } from '../persistence/rows.js';
import { Decider, isUnrecognized } from './decider.js';
import type { Decision } from './decider.js';
import { INACTIVE, activeResponse } from './introspection-response.js';
import type { IntrospectionResponse } from './introspection-response.js';
import { LookUp } from './look-up.js';
import { revokeToken } from './revoke-token.js';
import type { Revoking } from './revoke-token.js';
import { StrategyRegistry } from './strategy-registry.js';

/** What is known of a request besides what it asks. */
export interface RequestContext {
  /** Names the request in events and logs. */
  readonly requestId?: string | undefined;
  /** When it arrived, on the clock of `performance.now()`. Default: now. */
  readonly arrival?: number;
}

/** Finishes an introspection that was begun. It answers about the token that it was begun with. */
export type Begun = (caller: Caller, context?: RequestContext) => Promise<IntrospectionResponse>;

/** Decides on tokens: the same over HTTP and for a host that calls it in process. */
@Injectable()
export class IntrospectionService {
  readonly #revoking: Revoking;

  constructor(
    private readonly registry: StrategyRegistry,
    private readonly settings: IntrospectionSettings,
    private readonly decider: Decider,
    private readonly observers: Observers,
    private readonly scanning: ScanningLimit,
    @Inject(OpaqueTokenRepository) tokens: OpaqueTokenRepository,
    @Inject(JwtRevocationRepository) revocations: JwtRevocationRepository,
    @Inject(ClientRepository) private readonly clients: ClientRepository,
    verifier: JwtVerifier,
    @Optional() private readonly reader?: BatchedReader,
  ) {
    this.#revoking = { tokens, revocations, verifier };
  }

  /**
   * Is the token active, and what does it mean, for this caller, now?
   *
   * @param caller the client that asks; the calling code must have authenticated it
   * @throws UnsupportedTokenTypeError for a hint that is not supported; InvalidTokenError for a
   *   token that no strategy recognises, if the options say so; TooManyRequestsError for a caller that
   *   scans for tokens; TemporarilyUnavailableError when a failure of ours, its `cause`, keeps the
   *   answer from being known.
   */
  async introspect(
    request: Readonly<TokenIntrospectionRequest>,
    caller: Caller,
    context?: RequestContext,
  ): Promise<IntrospectionResponse> {
    return this.begin(request)(caller, context);
  }

  /**
   * Begins to look a token up while its caller is still being authenticated, so that both are read
   * together. @returns what finishes it @throws UnsupportedTokenTypeError
   */
  begin(request: Readonly<TokenIntrospectionRequest>): Begun {
    const arrival = performance.now();
    const lookUp = this.lookUp(request);
    const reading = this.rowsFor(lookUp);
    // Where the caller is refused, `begin` is never finished; a failure must not end the process then.
    reading.catch(() => {});
    return async (caller, { requestId, arrival: arrived = arrival } = {}) =>
      this.answer(lookUp, await reading.catch(failed), caller, { requestId, arrival: arrived });
  }

  /**
   * A client as a caller, from what is stored about it now. It is for one introspection: ask again for the
   * next, because the client may have been disabled since.
   *
   * @param clientId of a client that the calling code has authenticated, or speaks for
   * @throws InvalidClientError for a client that is unknown or disabled; UnauthorizedClientError for one
   *   that may not introspect; TemporarilyUnavailableError when a failure of ours, its `cause`, keeps that
   *   from being known
   */
  async callerOf(clientId: string): Promise<Caller> {
    const client = await this.find(clientId);
    if (!client?.enabled) throw new InvalidClientError(this.settings.realm);
    if (!client.mayIntrospect) throw new UnauthorizedClientError();
    const { audiences, anyAudience } = client;
    return { clientId: client.clientId, audiences, anyAudience };
  }

  /**
   * Revokes an opaque token, or a JSON Web Token of any issuer: when this resolves, the next
   * introspection of it, by any server on the same storage, is inactive.
   *
   * @returns which of the two it was; `undefined` when it was neither
   * @throws Error that names the port, when a repository of the host's own cannot revoke
   */
  revoke(token: string): Promise<'opaque' | 'jwt' | undefined> {
    return revokeToken(token, this.#revoking);
  }

  /** Begins a look-up, for those who read its rows themselves. @throws UnsupportedTokenTypeError */
  lookUp({ token, token_type_hint: hint }: Readonly<TokenIntrospectionRequest>): LookUp {
    return new LookUp(token, hint, this.registry.inOrder(hint));
  }

  /** The same while nothing is to be said of a wrong hint yet. @returns `undefined` for one */
  lookUpIfSupported(token: string, hint: string | undefined): LookUp | undefined {
    const strategies = this.registry.inOrderIfSupported(hint);
    return strategies && new LookUp(token, hint, strategies);
  }

  /** The answer about a token whose rows are there: at once, unless something is known only later. */
  answer(
    lookUp: LookUp,
    rows: Rows,
    caller: Caller,
    context: RequestContext & { readonly arrival: number },
  ): Soon<IntrospectionResponse> {
    try {
      const decision = whenKnown(lookUp.meaning(rows), (finding) =>
        this.decider.decide(finding, caller),
      );
      if (!isLater(decision)) return this.conclude(decision, caller, context);
      return decision.then((known) => this.conclude(known, caller, context)).then(asItIs, failed);
    } catch (failure) {
      return failed(failure);
    }
  }

  private async find(clientId: string): Promise<Client | undefined> {
    try {
      return await this.clients.find(clientId);
    } catch (failure) {
      return failed(failure);
    }
  }

  /** Counts and tells what was decided, and answers. */
  private conclude(
    decision: Decision,
    caller: Caller,
    { requestId, arrival }: RequestContext & { readonly arrival: number },
  ): Soon<IntrospectionResponse> {
    const reason = decision.active ? undefined : decision.reason;
    const mustHold = this.scanning.note(caller.clientId, !decision.active && !decision.isVisible);
    const held = mustHold && !decision.active ? this.scanning.hold() : undefined;
    // An error answer is an event of its own.
    const isError = isUnrecognized(decision) && this.settings.unrecognizedTokens === 'error';
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
    if (decision.active) return activeResponse(decision.token, this.settings.issuer);
    return whenKnown(held, () => {
      if (isError) throw new InvalidTokenError();
      return INACTIVE;
    });
  }

  private rowsFor(lookUp: LookUp): Promise<Rows> {
    const { reader } = this;
    if (!reader) return Promise.resolve(NO_ROWS);
    return new Promise((answered, reject) => {
      reader.read({ want: (batch) => lookUp.want(batch), answered, failed: reject });
    });
  }
}

/** A failure of ours is 503, and never an answer. */
function failed(failure: unknown): never {
  throw oauthErrorOf(failure);
}

function asItIs<T>(value: T): T {
  return value;
}
