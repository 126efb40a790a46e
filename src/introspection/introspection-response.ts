import type { TokenRecord } from './decision.js';

/** The answer to an introspection (RFC 7662 §2.2). */
export type IntrospectionResponse = ActiveResponse | InactiveResponse;

/** The whole answer for a token that is not active, whatever the cause. */
export interface InactiveResponse {
  readonly active: false;
}

/** What an active token means. Times are seconds since the epoch; absent members are not known. */
export interface ActiveResponse {
  readonly active: true;
  readonly client_id?: string;
  readonly username?: string;
  readonly scope?: string;
  readonly sub?: string;
  readonly aud?: readonly string[];
  readonly iss?: string;
  readonly exp?: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly jti?: string;
  readonly token_type: 'Bearer' | 'DPoP';
  readonly cnf?: Readonly<Record<string, unknown>>;
  readonly auth_time?: number;
  readonly extended_claims: Readonly<Record<string, unknown>>;
  /** Extension members: `act`, `acr`, `authorization_details` and the token's own. */
  readonly [extension: string]: unknown;
}

export const INACTIVE: InactiveResponse = Object.freeze({ active: false });

/** Members that come from the record alone, so no extension can stand in for them. */
const RESERVED = new Set([
  'active',
  'client_id',
  'username',
  'scope',
  'sub',
  'aud',
  'iss',
  'exp',
  'iat',
  'nbf',
  'jti',
  'token_type',
  'cnf',
  'extended_claims',
  // Not a member in every parser's eyes, but a way to change others.
  '__proto__',
]);

/**
 * The answer for an active token: its standard members, its extensions beside them, nothing null.
 * @param issuer the `iss` of a token that says none
 */
export function activeResponse(token: TokenRecord, issuer: string): ActiveResponse {
  const { aud, cnf } = token;
  const known = {
    active: true,
    client_id: token.clientId,
    username: token.username,
    scope: token.scope || undefined,
    sub: token.sub,
    aud: aud.length > 0 ? aud : undefined,
    iss: token.iss ?? (token.origin === 'own' ? issuer : undefined),
    exp: token.exp,
    iat: token.iat,
    nbf: token.nbf,
    jti: token.jti,
    // RFC 9449 §6.2: a token bound to a DPoP key says so by its type.
    token_type: cnf?.['jkt'] === undefined ? 'Bearer' : 'DPoP',
    cnf,
    ...extensions(token.extensions ?? {}),
    extended_claims: token.extendedClaims ?? {},
  };
  return present(known) as unknown as ActiveResponse;
}

function extensions(claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(claims)) {
    if (RESERVED.has(name)) continue;
    members[name] = name === 'auth_time' ? integer(value) : value;
  }
  return members;
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' ? Math.floor(value) : undefined;
}

function present(members: Record<string, unknown>): Record<string, unknown> {
  for (const name of Object.keys(members)) {
    if (members[name] === undefined || members[name] === null) delete members[name];
  }
  return members;
}
