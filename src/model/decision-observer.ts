import type { OAuthError } from './oauth-error.js';
import type { InactiveReason } from './inactive-reason.js';

/** What one introspection came to. It never holds the token or any part of it. */
export interface DecisionEvent {
  readonly active: boolean;
  /** Why the token is inactive; it is private and never reaches the wire. */
  readonly reason?: InactiveReason | undefined;
  /** The client that asked. */
  readonly callerId: string;
  /** The client that the token was issued to, where known. */
  readonly clientId?: string | undefined;
  /** The id in the answer's `X-Request-Id`; absent in process, unless the caller gave one. */
  readonly requestId?: string | undefined;
  /** From the request's arrival at the endpoint to the decision, in milliseconds. */
  readonly durationMs: number;
}

/** A request that ended in an error answer; `error.cause` has the private detail. */
export interface RefusalEvent {
  readonly error: OAuthError;
  /** The client that asked, where it was authenticated. */
  readonly callerId?: string | undefined;
  /** The id in the answer's `X-Request-Id`. */
  readonly requestId: string;
  /** From the request's arrival at the endpoint to the refusal, in milliseconds. */
  readonly durationMs: number;
}

/** A limit was exceeded. It is told once for each window, and never holds a secret or token. */
export type AbuseEvent = GuessingEvent | ScanningEvent;

/** Too many authentications failed; more are refused there. */
export interface GuessingEvent {
  readonly kind: 'guessing';
  /** Where from: an IPv4 address, or the network of an IPv6 address. */
  readonly address: string;
  readonly failures: number;
  /** For how long more are refused, in seconds. */
  readonly seconds: number;
}

/** Too many tokens of a caller were unknown; its inactive answers are held back. */
export interface ScanningEvent {
  readonly kind: 'scanning';
  readonly callerId: string;
  /** Its questions in this window so far. */
  readonly asked: number;
  /** How many of them were for tokens that no strategy recognises. */
  readonly unknownTokens: number;
}

/**
 * Port: is told once of each request that the endpoint answers, for logs, audit and metrics: of a
 * decision or of a refusal. Bind one observer, or an array of them. One that fails is logged, and
 * changes no answer.
 */
export interface DecisionObserver {
  decided?(event: DecisionEvent): void;
  refused?(event: RefusalEvent): void;
  abused?(event: AbuseEvent): void;
}
export const DecisionObserver = Symbol('DecisionObserver');
