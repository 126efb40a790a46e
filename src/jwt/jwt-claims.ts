import { isStandardMember } from '../model/standard-members.js';
import type { TokenRecord } from '../model/token-record.js';

type Claims = Readonly<Record<string, unknown>>;

const ORDINARY_PROPERTY = { configurable: true, enumerable: true, writable: true };

/**
 * The facts for the decision that a JWT's claims state.
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

function extensionsOf(claims: Claims): Record<string, unknown> {
  const extensions: Record<string, unknown> = {};
  for (const name of Object.keys(claims)) {
    // Defined, because an assignment to __proto__ would set the prototype instead.
    if (!isStandardMember(name)) {
      Object.defineProperty(extensions, name, { value: claims[name], ...ORDINARY_PROPERTY });
    }
  }
  return extensions;
}

function audiences(aud: unknown): readonly string[] | undefined {
  if (aud === undefined) return [];
  if (typeof aud === 'string') return [aud];
  return isStrings(aud) ? aud : undefined;
}

// RFC 8693 §4.2 defines one string; many issuers send a list of scopes instead.
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

// JSON.parse reads 1e999 as Infinity.
function isFiniteOrAbsent(value: unknown): boolean {
  return value === undefined || Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// RFC 7519 §2 allows fractions; both ways of rounding shorten the token's life.
function floor(seconds: unknown): number | undefined {
  return typeof seconds === 'number' ? Math.floor(seconds) : undefined;
}

function ceil(seconds: unknown): number | undefined {
  return typeof seconds === 'number' ? Math.ceil(seconds) : undefined;
}
