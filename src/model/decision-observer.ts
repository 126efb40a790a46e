import type { OAuthError } from './oauth-error.js';
import type { InactiveReason } from './inactive-reason.js';

/** The result of one introspection. It never holds the token or a part of it. */
export interface DecisionEvent {
  readonly active: boolean;
  /** Why the token is inactive; it is private and never reaches the wire. */
  readonly reason?: InactiveReason | undefined;
  /** The client that asked. */
  readonly callerId: string;
  /** The client that the token was issued to; absent where the token is not known or names none. */
  readonly clientId?: string | undefined;
  /** The id in the answer's `X-Request-Id`; absent when a host calls the service in process and gives none. */
  readonly requestId?: string | undefined;
  /** From the request's arrival at the endpoint to the decision, in milliseconds. */
  readonly durationMs: number;
}

/** Why a caller is not authenticated. It is private and never reaches the wire. */
export type AuthenticationFault =
  /** There is no `Authorization` header. */
  | 'no_credentials'
  /** There is one, or several, and not one that can be read. */
  | 'unreadable_credentials'
  | 'unknown_client'
  | 'client_disabled'
  /** It is not, or no longer, one of the client's secrets. */
  | 'wrong_secret'
  /** It was one of the client's secrets until its time ended. */
  | 'secret_expired'
  /** It was not compared: too many attempts for this client or from this address have failed, or wait. */
  | 'blocked';

/** A request that ended in an error answer; `error.cause` has the private detail. */
export interface RefusalEvent {
  readonly error: OAuthError;
  /** Where it came from: an IPv4 address, or the network of an IPv6 address. */
  readonly address: string;
  /** Why the caller was not authenticated, where that is why it was refused. */
  readonly fault?: AuthenticationFault | undefined;
  /**
   * The client that the caller claims to be, if it is registered here. An id that is not may be a secret
   * in the wrong place, and is not told.
   */
  readonly claimedClientId?: string | undefined;
  /** The client that asked, where it was authenticated. */
  readonly callerId?: string | undefined;
  /** The id in the answer's `X-Request-Id`. */
  readonly requestId: string;
  /** From the request's arrival at the endpoint to the refusal, in milliseconds. */
  readonly durationMs: number;
}

/** A client or a caller exceeded a limit. Reported once for each window; it never holds a secret or token. */
export type AbuseEvent = GuessingEvent | ScanningEvent;

/** Too many authentications from an address failed, for one client or for all; further ones are refused. */
export interface GuessingEvent {
  readonly kind: 'guessing';
  /** The address that they came from: an IPv4 address, or the network of an IPv6 address. */
  readonly address: string;
  readonly failures: number;
  /** For how long further ones are refused, in seconds. */
  readonly seconds: number;
}

/** A caller asked about too many unknown tokens; its inactive answers are delayed. */
export interface ScanningEvent {
  readonly kind: 'scanning';
  readonly callerId: string;
  /** How many tokens it has asked about in this window so far. */
  readonly asked: number;
  /** How many of them no strategy recognised, or are none that it may see. */
  readonly unknownTokens: number;
}

/**
 * Port: gets one event for each request that the endpoint answers, a decision or a refusal, and one for
 * each abuse, for logs, audit and metrics. The host binds one observer, or an array of them. When an
 * observer fails, that is logged, and no answer changes.
 */
export interface DecisionObserver {
  decided?(event: DecisionEvent): void;
  refused?(event: RefusalEvent): void;
  abused?(event: AbuseEvent): void;
}
export const DecisionObserver = Symbol('DecisionObserver');
