import { hash } from 'node:crypto';
import type { TokenRecord } from '../model/token-record.js';

/** Claims with a member of their own in the answer; every other one is an extension of the token. */
const NAMED = new Set([
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
  'cnf',
  'extended_claims',
]);

type Claims = Readonly<Record<string, unknown>>;

/**
 * What a JWT's claims say, as facts for the decision.
 * @returns `undefined` when a claim has a type that its definition does not allow.
 */
export function recordOf(claims: Claims, origin: TokenRecord['origin']): TokenRecord | undefined {
  const { client_id, username, sub, iss, jti, exp, iat, nbf, cnf, extended_claims } = claims;
  const aud = audiences(claims['aud']);
  const scope = scopeOf(claims['scope']);
  if (!aud || scope === null) return undefined;
  if (![client_id, username, sub, iss, jti].every(isStringOrAbsent)) return undefined;
  if (![exp, iat, nbf].every(isFiniteOrAbsent)) return undefined;
  if (cnf !== undefined && !isObject(cnf)) return undefined;
  return {
    origin,
    clientId: client_id as string | undefined,
    username: username as string | undefined,
    scope,
    sub: sub as string | undefined,
    aud,
    iss: iss as string | undefined,
    exp: floor(exp),
    iat: floor(iat),
    nbf: ceil(nbf),
    jti: jti as string | undefined,
    cnf,
    extensions: extensionsOf(claims),
    extendedClaims: isObject(extended_claims) ? extended_claims : undefined,
  };
}

/**
 * The hash that a JWT is revoked under: of its issuer and `jti`, or, where it has none, of what is
 * signed. Not of the whole token: an ECDSA signature can be changed into another valid one.
 */
export function revocationHash(claims: Claims, signingInput: string): Buffer {
  const { iss, jti } = claims;
  // JSON keeps the two apart whatever characters are in them.
  const name = jti === undefined ? ['jws', signingInput] : ['jti', iss, jti];
  return hash('sha256', JSON.stringify(name), 'buffer');
}

function extensionsOf(claims: Claims): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !NAMED.has(name)));
}

function audiences(aud: unknown): readonly string[] | undefined {
  if (aud === undefined) return [];
  if (typeof aud === 'string') return [aud];
  return isStrings(aud) ? aud : undefined;
}

// RFC 8693 §4.2 has one string; a list of scopes is a widespread variant of it.
function scopeOf(scope: unknown): string | undefined | null {
  if (scope === undefined || typeof scope === 'string') return scope;
  return isStrings(scope) ? scope.join(' ') : null;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isStringOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

// JSON.parse makes Infinity of 1e999.
function isFiniteOrAbsent(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// RFC 7519 §2 allows fractions; both ways of rounding shorten the token's life.
function floor(time: unknown): number | undefined {
  return typeof time === 'number' ? Math.floor(time) : undefined;
}

function ceil(time: unknown): number | undefined {
  return typeof time === 'number' ? Math.ceil(time) : undefined;
}
