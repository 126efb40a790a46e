import type { TokenRecord } from './token-record.js';

/**
 * The members of an answer that a token's record holds itself (RFC 7662 §2.2, RFC 7519 §4.1, RFC 7800
 * §3.1), in the order of the answer: the name in the answer, and the property of the record. Every
 * other claim of a token is an extension.
 */
export const STANDARD_MEMBERS = {
  client_id: 'clientId',
  username: 'username',
  scope: 'scope',
  sub: 'sub',
  aud: 'aud',
  iss: 'iss',
  exp: 'exp',
  iat: 'iat',
  nbf: 'nbf',
  jti: 'jti',
  cnf: 'cnf',
  extended_claims: 'extendedClaims',
} as const satisfies Readonly<Record<string, keyof TokenRecord>>;

export type StandardMember = keyof typeof STANDARD_MEMBERS;

/** Whether a claim has a member of its own in the answer, and so is no extension. */
export function isStandardMember(name: string): name is StandardMember {
  return Object.hasOwn(STANDARD_MEMBERS, name);
}
