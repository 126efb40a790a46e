import type { TokenRecord } from '../model/token-record.js';

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
  const answer: Record<string, unknown> = { active: true };
  put(answer, 'client_id', token.clientId);
  put(answer, 'username', token.username);
  put(answer, 'scope', token.scope || undefined);
  put(answer, 'sub', token.sub);
  put(answer, 'aud', aud.length > 0 ? aud : undefined);
  put(answer, 'iss', token.iss ?? (token.origin === 'own' ? issuer : undefined));
  put(answer, 'exp', token.exp);
  put(answer, 'iat', token.iat);
  put(answer, 'nbf', token.nbf);
  put(answer, 'jti', token.jti);
  // RFC 9449 §6.2: a token bound to a DPoP key says so by its type.
  answer['token_type'] = cnf?.['jkt'] === undefined ? 'Bearer' : 'DPoP';
  put(answer, 'cnf', cnf);
  for (const [name, value] of Object.entries(token.extensions ?? {})) {
    if (!RESERVED.has(name)) put(answer, name, name === 'auth_time' ? integer(value) : value);
  }
  answer['extended_claims'] = token.extendedClaims ?? {};
  return answer as unknown as ActiveResponse;
}

/** What is not known is absent: no member is ever null. */
function put(answer: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined && value !== null) answer[name] = value;
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' ? Math.floor(value) : undefined;
}
