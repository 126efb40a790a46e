import type { OAuthError } from '../errors/oauth-error.js';
import type { InactiveReason } from './decision.js';

/** What one introspection came to. It never holds the token or any part of it. */
export interface DecisionEvent {
  readonly active: boolean;
  /** Why the token is inactive; it is private and never reaches the wire. */
  readonly reason?: InactiveReason;
  /** The client that asked. */
  readonly callerId: string;
  /** The client that the token was issued to, where known. */
  readonly clientId?: string | undefined;
  /** The request's id, where the adapter gives one. */
  readonly requestId?: string | undefined;
}

/** A request that ended in an error answer; `error.cause` has the private detail. */
export interface RefusalEvent {
  readonly error: OAuthError;
  /** The client that asked, where it was authenticated. */
  readonly callerId?: string | undefined;
  readonly requestId?: string | undefined;
}

/** Port: is told of each decision and refusal, for logs and audit. It must not throw. */
export interface DecisionObserver {
  decided?(event: DecisionEvent): void;
  refused?(event: RefusalEvent): void;
}
export const DecisionObserver = Symbol('DecisionObserver');
