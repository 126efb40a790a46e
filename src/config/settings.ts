import { ALGORITHMS } from './algorithms.js';
import { limitsOf } from './limits.options.js';
import type { Limits } from './limits.options.js';
import { optionFaults } from './option-rules.js';
import { trustedProxies } from './trusted-proxies.js';
import type { IsTrustedProxy } from './trusted-proxies.js';
import type { IntrospectionOptions } from './introspection.options.js';
import { throwIfAny } from './rule.js';

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
  readonly #path: string | undefined;

  /**
   * @param path the endpoint's, if it is not the default one; it tells in messages which module they are about
   * @throws Error that names every option that is wrong.
   */
  constructor(options: IntrospectionOptions, path?: string) {
    this.#path = path;
    throwIfAny(optionFaults(options), path);
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

  /** @throws Error that has all faults in one message, for this module; not if there are none */
  throwIfAny(faults: Iterable<string>, of: string): void {
    throwIfAny(faults, this.#path, of);
  }
}
