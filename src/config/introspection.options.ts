import type {
  InjectionToken,
  ModuleMetadata,
  OptionalFactoryDependency,
  Provider,
  Type,
} from '@nestjs/common';
import type { JwksSource } from './jwks-source.js';
import type { LimitsOptions } from './limits.options.js';
import type { ALGORITHMS } from './algorithms.js';

/** The options that the endpoint works with. */
export interface IntrospectionOptions {
  /** This server's issuer identifier: the `iss` of the tokens it issues. Required. */
  issuer: string;
  /** Other issuer identifiers that this server has issued tokens under. Default: none. */
  issuerAliases?: readonly string[];
  /** The keys that sign this server's own JSON Web Tokens. Default: none, so no JWT of this server is active. */
  jwks?: JwksSource;
  /** Other issuers whose JSON Web Tokens are introspected here, each with its own keys. Default: none. */
  trustedIssuers?: readonly TrustedIssuer[];
  /** The signature algorithms that a JWT may use. Default: all of RS, PS, ES (256 to 512) and EdDSA. */
  algorithms?: readonly (typeof ALGORITHMS)[number][];
  /** `'at+jwt'` accepts only JWTs whose `typ` names an access token (RFC 9068 §4). Default: `'any'`. */
  jwtTypes?: 'any' | 'at+jwt';
  /** Whether a hint that no strategy claims is refused or treated as absent. Default: `'reject'`. */
  unknownHints?: 'reject' | 'ignore';
  /** Whether a token that no strategy recognises is inactive or an error. Default: `'inactive'`. */
  unrecognizedTokens?: 'inactive' | 'error';
  /** The largest request body, in bytes. Default: 65536. */
  bodyLimit?: number;
  /** How long a read of the database may take, waiting included, in milliseconds. Default: 2000. */
  readTimeout?: number;
  /** The `realm` of the Basic challenge. Default: `'introspection'`. */
  realm?: string;
  /** Bounds on guessing secrets and on scanning for tokens; `false`: none. Default: on. */
  limits?: LimitsOptions | false;
  /**
   * The proxies whose `X-Forwarded-For` tells where a request comes from: addresses or CIDR blocks.
   * Default: none, so that the socket's address is used.
   */
  trustedProxies?: readonly string[];
}

export interface TrustedIssuer {
  /** The `iss` of its tokens. Only the keys below verify tokens with this `iss` (RFC 8725 §3.8). */
  issuer: string;
  jwks: JwksSource;
}

/** The options that Nest needs before it makes the providers, so a factory cannot return them. */
export interface IntrospectionModuleShape {
  /** The endpoint's path, below the global prefix. Default: `'introspect'`. */
  path?: string;
  /** Decorators for the endpoint, such as the host's mark for a public route. Default: none. */
  decorators?: readonly MethodDecorator[];
  /** Modules whose exports the `providers` below need. Default: none. */
  imports?: ModuleMetadata['imports'];
  /** The host's own providers. Each replaces the module's provider under the same token. Default: none. */
  providers?: readonly Provider[];
  /** The injection token of the TypeORM data source. Default: the class `DataSource`. */
  dataSource?: InjectionToken;
  /** Whether every module of the application may inject what this one exports. Default: false. */
  isGlobal?: boolean;
}

export type IntrospectionModuleOptions = IntrospectionOptions & IntrospectionModuleShape;

/** Makes the options, as a class that Nest injects what it needs into. */
export interface IntrospectionOptionsFactory {
  createIntrospectionOptions(): IntrospectionOptions | Promise<IntrospectionOptions>;
}

/** One of `useFactory`, `useClass` and `useExisting` makes the options. */
export interface IntrospectionModuleAsyncOptions extends IntrospectionModuleShape {
  /** The injection tokens of the function's parameters, in order. Default: none. */
  inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  /** A function that returns the options. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as in Nest's own FactoryProvider
  useFactory?: (...dependencies: any[]) => IntrospectionOptions | Promise<IntrospectionOptions>;
  /** A class that is instantiated for the module alone. */
  useClass?: Type<IntrospectionOptionsFactory>;
  /** The injection token of a factory that `imports` or a global module provides. */
  useExisting?: InjectionToken<IntrospectionOptionsFactory>;
}
