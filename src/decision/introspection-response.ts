import { STANDARD_MEMBERS, isStandardMember } from '../model/standard-members.js';
import type { StandardMember } from '../model/standard-members.js';
import type { TokenRecord } from '../model/token-record.js';

/** The answer to an introspection (RFC 7662 §2.2). */
export type IntrospectionResponse = ActiveResponse | InactiveResponse;

/** The whole answer for a token that is not active; it is the same for every cause. */
export interface InactiveResponse {
  readonly active: false;
}

/**
 * What an active token means: `client_id`, `username`, `scope`, `sub`, `aud`, `iss`, `exp`, `iat`, `nbf`,
 * `jti`, `cnf`. Times are seconds since the epoch; absent members are not known.
 */
export interface ActiveResponse extends StandardMembers {
  readonly active: true;
  readonly token_type: 'Bearer' | 'DPoP';
  readonly auth_time?: number;
  readonly extended_claims: Readonly<Record<string, unknown>>;
  /** Extension members: `act`, `acr`, `authorization_details` and the token's own. */
  readonly [extension: string]: unknown;
}

type StandardMembers = {
  readonly [Name in StandardMember]?: NonNullable<TokenRecord[(typeof STANDARD_MEMBERS)[Name]]>;
};

export const INACTIVE: InactiveResponse = Object.freeze({ active: false });

/** The members that come from the record as they are, with `token_type` in its place before `cnf`. */
const COPIED = Object.entries(STANDARD_MEMBERS).filter(
  ([name]) => name !== 'cnf' && name !== 'extended_claims',
);

/**
 * The answer for an active token: its standard members, its extensions beside them, nothing null.
 * @param issuer the `iss` of a token of our own that says none
 */
export function activeResponse(token: TokenRecord, issuer: string): ActiveResponse {
  const { cnf, extensions } = token;
  const answer: Record<string, unknown> = { active: true };
  for (const [name, property] of COPIED) {
    const value = token[property];
    if (value !== undefined && value !== null && !isNone(name, value)) answer[name] = value;
    else if (name === 'iss' && token.origin === 'own') answer[name] = issuer;
  }
  // RFC 9449 §6.2: a token bound to a DPoP key says so by its type.
  answer['token_type'] = cnf?.['jkt'] === undefined ? 'Bearer' : 'DPoP';
  if (cnf !== undefined && cnf !== null) answer['cnf'] = cnf;
  if (extensions) addExtensions(answer, extensions);
  answer['extended_claims'] = token.extendedClaims ?? {};
  return answer as unknown as ActiveResponse;
}

/** An empty scope is no scope, and an empty list no audience. */
function isNone(name: string, value: unknown): boolean {
  return (name === 'scope' || name === 'aud') && (value as string | unknown[]).length === 0;
}

function addExtensions(
  answer: Record<string, unknown>,
  extensions: Readonly<Record<string, unknown>>,
): void {
  for (const [name, value] of Object.entries(extensions)) {
    if (isReserved(name) || value === null) continue;
    const member = name === 'auth_time' ? integer(value) : value;
    if (member !== undefined) answer[name] = member;
  }
}

/** Whether a member comes from the record alone, so that no extension can stand in for it. */
function isReserved(name: string): boolean {
  return (
    isStandardMember(name) ||
    name === 'active' ||
    name === 'token_type' ||
    // Not a member in every parser's eyes, but a way to change others.
    name === '__proto__'
  );
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' ? Math.floor(value) : undefined;
}
