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

/** Somebody went beyond a limit. It is told once for each window, and never holds a secret or token. */
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

/** Port: is told of each decision and refusal, for logs and audit. It must not throw. */
export interface DecisionObserver {
  decided?(event: DecisionEvent): void;
  refused?(event: RefusalEvent): void;
  abused?(event: AbuseEvent): void;
}
export const DecisionObserver = Symbol('DecisionObserver');
