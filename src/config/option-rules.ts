import { ALGORITHMS } from './algorithms.js';
import type { IntrospectionOptions, TrustedIssuer } from './introspection.options.js';
import { jwksSource } from './jwks-rules.js';
import { limits } from './limits.options.js';
import {
  isText,
  kindOf,
  knownMembers,
  listOf,
  mustBe,
  objectOf,
  oneOf,
  unknownMembers,
} from './rule.js';
import type { Rule } from './rule.js';
import { SHAPE_NAMES } from './shape-rules.js';
import { proxiesFault } from './trusted-proxies.js';

const issuer = mustBe('an issuer identifier', isText);

const TRUSTED_ISSUER = { issuer, jwks: jwksSource } satisfies Record<keyof TrustedIssuer, Rule>;

/** What a realm must be, so that it stands in a quoted string as it is (RFC 9110 §5.6.4). */
export const REALM = 'printable ASCII without quotes and backslashes';

export function isRealm(value: string): boolean {
  return /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(value);
}

/** What each option must be. */
export const OPTION_RULES = {
  issuer: mustBe('this server’s issuer identifier', isText),
  issuerAliases: listOf('issuer identifiers', issuer),
  jwks: jwksSource,
  trustedIssuers: listOf(
    '{ issuer, jwks }',
    objectOf('{ issuer, jwks }', TRUSTED_ISSUER, ['issuer', 'jwks']),
  ),
  algorithms,
  jwtTypes: oneOf('any', 'at+jwt'),
  unknownHints: oneOf('reject', 'ignore'),
  unrecognizedTokens: oneOf('inactive', 'error'),
  bodyLimit: mustBe('a positive whole number of bytes', (value) => isWhole(value, 1, Infinity)),
  readTimeout: mustBe('a whole number of milliseconds from 1 to 60000', (value) =>
    isWhole(value, 1, 60_000),
  ),
  realm: mustBe(REALM, (value) => typeof value === 'string' && isRealm(value)),
  limits,
  trustedProxies,
} satisfies Record<keyof IntrospectionOptions, Rule>;

/** What is wrong with the options; nothing when all is right. */
export function* optionFaults(options: unknown): Generator<string> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    yield `they must be an object with an issuer, and are ${kindOf(options)}`;
    return;
  }
  yield* unknownMembers(options, [...Object.keys(OPTION_RULES), ...SHAPE_NAMES]);
  for (const name of Object.keys(options)) {
    if (SHAPE_NAMES.includes(name)) yield `"${name}" stands beside the factory of the options`;
  }
  yield* knownMembers(options, OPTION_RULES, ['issuer']);
  yield* issuersNamedTwice(options as IntrospectionOptions);
}

function* algorithms(value: unknown, name: string): Generator<string> {
  if (!Array.isArray(value) || value.length === 0) {
    yield `${name} must be a list of one or more of ${ALGORITHMS.join(', ')}, and is ${kindOf(value)}`;
    return;
  }
  const unknown = value.filter((one) => !ALGORITHMS.includes(one as (typeof ALGORITHMS)[number]));
  if (unknown.length === 0) return;
  const shown = unknown.map((one) => (isText(one) ? one : kindOf(one)));
  yield `${name} has ${shown.join(', ')}, which is not one of ${ALGORITHMS.join(', ')}`;
}

function* trustedProxies(value: unknown, name: string): Generator<string> {
  const isList = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
  const fault = isList ? proxiesFault(value) : kindOf(value);
  if (fault !== undefined) yield `${name} must be a list of addresses and CIDR blocks (${fault})`;
}

function* issuersNamedTwice(options: IntrospectionOptions): Generator<string> {
  const [aliases, trusted] = [options.issuerAliases, options.trustedIssuers].map(
    (list: unknown): unknown[] => (Array.isArray(list) ? list : []),
  );
  const others = trusted!.map((one) => (one as TrustedIssuer | null | undefined)?.issuer);
  const names = [options.issuer, ...aliases!, ...others].filter(isText);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  for (const name of twice) yield `the issuer ${name} is named twice`;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
