import type { Client } from './client.js';

/** Why a token is inactive. Every one of them gives the same answer on the wire. */
export type InactiveReason =
  | 'unrecognized'
  | 'revoked'
  | 'expired'
  | 'not_yet_valid'
  | 'not_for_caller'
  | 'client_unknown'
  | 'client_disabled'
  | 'malformed'
  | 'algorithm_not_allowed'
  | 'type_not_allowed'
  | 'critical_header'
  | 'no_matching_key'
  | 'bad_signature'
  | (string & {});

/**
 * What a strategy knows of a token: the facts that the decision is made on, and the members of the
 * answer. Times are integers, seconds since the epoch (RFC 7519 §2, NumericDate).
 */
export interface TokenRecord {
  /**
   * `own`: issued by this server, so its client must be registered and enabled.
   * `trusted`: issued elsewhere, so its client must only not be one that is disabled here.
   */
  readonly origin: 'own' | 'trusted';
  readonly clientId?: string | undefined;
  /** The client's state, where the read of the token has told it; else the client is looked up. */
  readonly clientState?: ClientState | undefined;
  readonly username?: string | undefined;
  readonly scope?: string | undefined;
  readonly sub?: string | undefined;
  /** The token's audiences; empty when it is not restricted to any. */
  readonly aud: readonly string[];
  readonly iss?: string | undefined;
  readonly exp?: number | undefined;
  readonly iat?: number | undefined;
  readonly nbf?: number | undefined;
  readonly jti?: string | undefined;
  /** The confirmation (RFC 7800); a `jkt` member makes it a DPoP token (RFC 9449 §6.2). */
  readonly cnf?: Readonly<Record<string, unknown>> | undefined;
  /** `act`, `acr`, `auth_time`, `authorization_details` and the token's own extension members. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly extendedClaims?: Readonly<Record<string, unknown>> | undefined;
}

export type ClientState = 'enabled' | 'disabled' | 'unknown';

/** @param client as it was found; `undefined` when it was not, or the token names none */
export function clientStateOf(client: Pick<Client, 'enabled'> | undefined): ClientState {
  if (!client) return 'unknown';
  return client.enabled ? 'enabled' : 'disabled';
}

/** The outcome of one introspection. */
export type Decision =
  | { readonly active: true; readonly token: TokenRecord }
  | { readonly active: false; readonly reason: InactiveReason; readonly token?: TokenRecord };
