import { resolve } from 'node:path';
import type {
  IntrospectionModuleOptions,
  IntrospectionOptions,
} from '../../src/config/introspection.options.js';
import { Failure } from '../failure.js';
import { readVariables } from './read-variables.js';
import type { Reading } from './read-variables.js';
import type { LOG_LEVELS } from './variables.js';

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The module's options that variables set, all of them given. */
type Given<Name extends keyof IntrospectionModuleOptions> = Readonly<
  Required<Pick<IntrospectionModuleOptions, Name>>
>;

/** What the variables say, with the defaults filled in. `variables.ts` describes them. */
export interface Environment extends Given<
  | 'issuer'
  | 'issuerAliases'
  | 'trustedIssuers'
  | 'algorithms'
  | 'jwtTypes'
  | 'unknownHints'
  | 'unrecognizedTokens'
  | 'bodyLimit'
  | 'readTimeout'
  | 'realm'
  | 'limits'
  | 'trustedProxies'
> {
  /** `undefined`: the embedded Postgres. */
  readonly databaseUrl: string | undefined;
  /** `undefined`: the first of the connection's search path. */
  readonly databaseSchema: string | undefined;
  /** Of one process. */
  readonly poolSize: number;
  readonly workers: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly tls: { certFile: string; keyFile: string } | undefined;
  readonly allowPlainHttp: boolean;
  readonly publishedAddress: string | undefined;
  readonly metrics: { host: string; port: number } | undefined;
  /** The keys that sign the server's own JWTs. */
  readonly jwks: { file: string } | { url: string } | undefined;
  /** The endpoint's, which begins with a slash. */
  readonly introspectionPath: string;
  /** Whether `/openapi.json` and `/docs` are served. */
  readonly docs: boolean;
  readonly logLevel: LogLevel;
  /** Variables that are probably misspelt, each in a sentence for the operator. */
  readonly warnings: readonly string[];
}

/** @throws Failure that names every variable that is wrong and says what it should be. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const reading = readVariables(variables);
  const faults = [...reading.faults, ...contradictions(reading, variables['NODE_ENV'])];
  if (faults.length > 0) {
    const text = [...faults, ...reading.warnings].join('; ');
    throw new Failure(`Environment: ${text}${text.endsWith('?') ? '' : '.'}`);
  }
  const { values, warnings } = reading;
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, METRICS_PORT: metricsPort } = values;
  const { JWKS_FILE: file, JWKS_URI: url } = values;
  return {
    databaseUrl: values.DATABASE_URL,
    databaseSchema: values.DATABASE_SCHEMA,
    poolSize: values.DATABASE_POOL_SIZE,
    workers: values.WORKERS,
    dataDir: values.DATA_DIR ?? resolve('.data'),
    host: values.HOST,
    port: values.PORT,
    tls: certFile && keyFile ? { certFile, keyFile } : undefined,
    allowPlainHttp: values.ALLOW_PLAIN_HTTP,
    publishedAddress: values.PUBLISHED_ADDRESS,
    metrics:
      metricsPort === undefined ? undefined : { host: values.METRICS_HOST, port: metricsPort },
    issuer: issuerOf(values),
    issuerAliases: values.ISSUER_ALIASES,
    jwks: file ? { file } : url ? { url } : undefined,
    trustedIssuers: values.TRUSTED_ISSUERS,
    algorithms: values.ALGORITHMS,
    jwtTypes: values.JWT_TYPES,
    introspectionPath: values.INTROSPECTION_PATH,
    unknownHints: values.UNKNOWN_HINTS,
    unrecognizedTokens: values.UNRECOGNIZED_TOKENS,
    bodyLimit: values.BODY_LIMIT,
    realm: values.REALM,
    readTimeout: values.READ_TIMEOUT,
    limits: limitsOf(values),
    trustedProxies: values.TRUSTED_PROXIES,
    docs: values.DOCS ?? variables['NODE_ENV'] !== 'production',
    logLevel: values.LOG_LEVEL,
    warnings,
  };
}

function* contradictions({ values, isSet, faults }: Reading, nodeEnv?: string): Generator<string> {
  if (isSet('JWKS_FILE') && isSet('JWKS_URI')) {
    yield 'JWKS_FILE and JWKS_URI must not be set together';
  }
  if (isSet('TLS_CERT_FILE') !== isSet('TLS_KEY_FILE')) {
    yield 'TLS_CERT_FILE and TLS_KEY_FILE must be set together';
  }
  if (!isSet('DATABASE_URL') && nodeEnv === 'production') {
    yield 'DATABASE_URL must be set when NODE_ENV is production: the embedded Postgres is for development';
  }
  if (faults.length > 0) return;
  const issuers = [
    issuerOf(values),
    ...values.ISSUER_ALIASES,
    ...values.TRUSTED_ISSUERS.map(({ issuer }) => issuer),
  ];
  if (new Set(issuers).size < issuers.length) {
    yield 'ISSUER, ISSUER_ALIASES and TRUSTED_ISSUERS must not name one issuer twice';
  }
}

function issuerOf({ ISSUER, PORT }: Reading['values']): string {
  return ISSUER ?? `http://localhost:${PORT}`;
}

function limitsOf(values: Reading['values']): NonNullable<IntrospectionOptions['limits']> {
  if (values.LIMITS === 'off') return false;
  return {
    store: values.LIMITS,
    failuresPerClient: values.LIMITS_FAILURES_PER_CLIENT,
    failuresPerAddress: values.LIMITS_FAILURES_PER_ADDRESS,
    window: values.LIMITS_WINDOW,
    unknownTokens: values.LIMITS_UNKNOWN_TOKENS,
    delay: values.LIMITS_DELAY,
  };
}
