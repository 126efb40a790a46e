import { ALGORITHMS } from './algorithms.js';
import { limitsFaults, limitsOf } from './limits.options.js';
import type { Limits } from './limits.options.js';
import { proxiesFault, trustedProxies } from './trusted-proxies.js';
import type { IsTrustedProxy } from './trusted-proxies.js';
import type { IntrospectionOptions } from './introspection.options.js';

/** How long a read of the database may take, waiting included, in milliseconds. */
export const READ_TIMEOUT_MS = 2000;

/** The largest request body, in bytes. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** The host's options, checked, with the defaults filled in. */
export class IntrospectionSettings {
  readonly issuer: string;
  /** Our issuer identifier and its aliases. */
  readonly ownIssuers: ReadonlySet<string>;
  readonly jwks: IntrospectionOptions['jwks'];
  readonly trustedIssuers: NonNullable<IntrospectionOptions['trustedIssuers']>;
  readonly algorithms: ReadonlySet<string>;
  readonly jwtTypes: 'any' | 'at+jwt';
  readonly unknownHints: 'reject' | 'ignore';
  readonly unrecognizedTokens: 'inactive' | 'error';
  /** In bytes. */
  readonly bodyLimit: number;
  /** In milliseconds. */
  readonly readTimeout: number;
  readonly realm: string;
  /** Absent when the limits are off. */
  readonly limits: Limits | undefined;
  /** Absent when no proxy is trusted. */
  readonly isTrustedProxy: IsTrustedProxy | undefined;

  /** @throws Error that names every option that is wrong. */
  constructor(options: IntrospectionOptions) {
    const faults = [...faultsOf(options)];
    if (faults.length > 0) throw new Error(`IntrospectionModule options: ${faults.join('; ')}.`);
    this.issuer = options.issuer;
    this.ownIssuers = new Set([options.issuer, ...(options.issuerAliases ?? [])]);
    this.jwks = options.jwks;
    this.trustedIssuers = options.trustedIssuers ?? [];
    this.algorithms = new Set(options.algorithms ?? ALGORITHMS);
    this.jwtTypes = options.jwtTypes ?? 'any';
    this.unknownHints = options.unknownHints ?? 'reject';
    this.unrecognizedTokens = options.unrecognizedTokens ?? 'inactive';
    this.bodyLimit = options.bodyLimit ?? BODY_LIMIT_BYTES;
    this.readTimeout = options.readTimeout ?? READ_TIMEOUT_MS;
    this.realm = options.realm ?? 'introspection';
    this.limits = limitsOf(options.limits);
    const proxies = options.trustedProxies ?? [];
    this.isTrustedProxy = proxies.length > 0 ? trustedProxies(proxies) : undefined;
  }
}

const OPTION_NAMES = new Set<string>([
  'issuer',
  'issuerAliases',
  'jwks',
  'trustedIssuers',
  'algorithms',
  'jwtTypes',
  'unknownHints',
  'unrecognizedTokens',
  'bodyLimit',
  'readTimeout',
  'realm',
  'limits',
  'trustedProxies',
] satisfies (keyof IntrospectionOptions)[]);

function* faultsOf(options: IntrospectionOptions): Generator<string> {
  for (const name of Object.keys(options ?? {})) {
    if (!OPTION_NAMES.has(name)) yield `"${name}" is not an option here`;
  }
  const {
    issuer,
    algorithms,
    bodyLimit,
    readTimeout,
    realm,
    limits,
    trustedProxies: proxies = [],
    trustedIssuers = [],
    issuerAliases = [],
  } = options ?? {};
  if (typeof issuer !== 'string' || issuer === '')
    yield 'issuer must be this server’s issuer identifier';
  const unknown =
    algorithms?.filter((name) => !(ALGORITHMS as readonly string[]).includes(name)) ?? [];
  if (unknown.length > 0) {
    yield `algorithms has ${unknown.join(', ')}, which is not one of ${ALGORITHMS.join(', ')}`;
  }
  yield* mustBeOneOf(options, 'jwtTypes', ['any', 'at+jwt']);
  yield* mustBeOneOf(options, 'unknownHints', ['reject', 'ignore']);
  yield* mustBeOneOf(options, 'unrecognizedTokens', ['inactive', 'error']);
  if (bodyLimit !== undefined && !(Number.isInteger(bodyLimit) && bodyLimit > 0)) {
    yield 'bodyLimit must be a positive number of bytes';
  }
  if (
    readTimeout !== undefined &&
    !(Number.isInteger(readTimeout) && readTimeout >= 1 && readTimeout <= 60_000)
  ) {
    yield 'readTimeout must be a whole number of milliseconds from 1 to 60000';
  }
  if (realm !== undefined && !/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(realm)) {
    yield 'realm must be printable ASCII without quotes and backslashes';
  }
  yield* limitsFaults(limits);
  const fault = proxiesFault(proxies);
  if (fault !== undefined) yield `trustedProxies ${fault}`;
  const names = [issuer, ...issuerAliases, ...trustedIssuers.map((trusted) => trusted.issuer)];
  const duplicate = names.find((name, at) => names.indexOf(name) !== at);
  if (duplicate !== undefined) yield `the issuer ${duplicate} is named twice`;
}

function* mustBeOneOf(
  options: IntrospectionOptions,
  name: 'jwtTypes' | 'unknownHints' | 'unrecognizedTokens',
  values: readonly string[],
): Generator<string> {
  const value = options?.[name];
  if (value !== undefined && !values.includes(value)) {
    yield `${name} must be one of ${values.map((one) => `'${one}'`).join(', ')}`;
  }
}
