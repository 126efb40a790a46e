/**
 * The facts that a strategy found about a token: what is decided on, and the members of the
 * answer. Times are integers, seconds since the epoch (RFC 7519 §2, NumericDate).
 */
export interface TokenRecord {
  /**
   * `own`: issued by this server, so its client must be registered and enabled.
   * `trusted`: issued elsewhere, so its client must only not be one that is disabled here, and a caller sees
   * it as one of its audiences alone.
   */
  readonly origin: 'own' | 'trusted';
  readonly clientId?: string | undefined;
  readonly username?: string | undefined;
  readonly scope?: string | undefined;
  readonly sub?: string | undefined;
  /** The token's audiences; empty when it names none. */
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

/** The facts that an opaque token repository found about a token. */
export interface OpaqueTokenRecord extends Omit<TokenRecord, 'origin'> {
  readonly clientId: string;
  readonly revoked: boolean;
}
