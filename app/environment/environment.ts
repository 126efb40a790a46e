import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { proxiesFault } from '../../src/config/trusted-proxies.js';
import { Failure } from '../failure.js';

/** What the environment variables say, with the defaults filled in. */
export interface Environment {
  /** `DATABASE_URL`. Default: none, which means the embedded Postgres. */
  readonly databaseUrl: string | undefined;
  /** `DATABASE_POOL_SIZE`: most connections of one process to the database. Default: 10. */
  readonly poolSize: number;
  /** `READ_TIMEOUT`: how long a read of an introspection may take, in milliseconds. Default: 2000. */
  readonly readTimeout: number;
  /** `WORKERS`: how many processes serve the port; `auto` is one for each core. Default: 1. */
  readonly workers: number;
  /** `DATA_DIR`, absolute: where the embedded Postgres and the demo's keys are. Default: `.data`. */
  readonly dataDir: string;
  /** `HOST`: the address to listen on. Default: `127.0.0.1`. */
  readonly host: string;
  /** `PORT`: the port to listen on; 0: any free port. Default: 3000. */
  readonly port: number;
  /** `TLS_CERT_FILE` and `TLS_KEY_FILE`: serve HTTPS with these PEM files. Default: none. */
  readonly tls: { certFile: string; keyFile: string } | undefined;
  /** `ALLOW_PLAIN_HTTP`: plain HTTP may reach other machines, because a proxy adds HTTPS. Default: false. */
  readonly allowPlainHttp: boolean;
  /** `PUBLISHED_ADDRESS`: where a container is reached from outside, `address:port`. Default: as `host` says. */
  readonly publishedAddress: string | undefined;
  /** `METRICS_HOST` (default: `127.0.0.1`) and `METRICS_PORT` (default: none): where `/metrics` is. */
  readonly metrics: { host: string; port: number } | undefined;
  /** `ISSUER`: the server's issuer identifier. Default: `http://localhost:PORT`. */
  readonly issuer: string;
  /** `JWKS_FILE` or `JWKS_URI`: the keys that sign the server's own JWTs. Default: none. */
  readonly jwks: { file: string } | { url: string } | undefined;
  /** `LIMITS`: where failed authentications are counted, or no limits at all. Default: `memory`. */
  readonly limits: (typeof LIMITS_VALUES)[number];
  /** `TRUSTED_PROXIES`: addresses and CIDR blocks, with commas between them. Default: none. */
  readonly trustedProxies: readonly string[];
  /** `LOG_LEVEL`: the least severe lines that are logged. Default: `info`. */
  readonly logLevel: LogLevel;
}

const MOST_WORKERS = 64;
const MOST_READ_TIMEOUT_MS = 10_000;

const LIMITS_VALUES = ['memory', 'postgres', 'off'] as const;

const PORT_RULE = 'a whole number from 0 to 65535';
const HOST_RULE = 'an IP address or a host name';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** @throws Failure that names every variable that is wrong and says what it should be. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const faults: string[] = [];
  const read = <T>(
    name: string,
    defaultValue: T,
    parse: (text: string) => T | undefined,
    mustBe: string,
  ) => {
    const text = variables[name]?.trim();
    // A Compose file passes a variable that the operator has not set as an empty text.
    if (!text) return defaultValue;
    const value = parse(text);
    if (value === undefined) faults.push(`${name} must be ${mustBe}`);
    return value ?? defaultValue;
  };

  const databaseUrl = read('DATABASE_URL', undefined, postgresUrl, 'a postgres:// URL');
  const port = read('PORT', 3000, wholeNumber(0, 65_535), PORT_RULE);
  const file = read('JWKS_FILE', undefined, (path) => resolve(path), 'a path');
  const url = read('JWKS_URI', undefined, httpUrl, 'an http:// or https:// URL');
  const certFile = read('TLS_CERT_FILE', undefined, (path) => resolve(path), 'a path');
  const keyFile = read('TLS_KEY_FILE', undefined, (path) => resolve(path), 'a path');
  const metricsPort = read('METRICS_PORT', undefined, wholeNumber(0, 65_535), PORT_RULE);
  const metricsHost = read('METRICS_HOST', '127.0.0.1', hostName, HOST_RULE);
  const environment: Environment = {
    databaseUrl,
    poolSize: read('DATABASE_POOL_SIZE', 10, wholeNumber(1, 1000), 'a whole number from 1 to 1000'),
    readTimeout: read(
      'READ_TIMEOUT',
      2000,
      wholeNumber(1, MOST_READ_TIMEOUT_MS),
      `a whole number of milliseconds from 1 to ${MOST_READ_TIMEOUT_MS}`,
    ),
    workers: read('WORKERS', 1, workerCount, `a whole number from 1 to ${MOST_WORKERS}, or auto`),
    dataDir: resolve(read('DATA_DIR', '.data', (path) => path, 'a path')),
    host: read('HOST', '127.0.0.1', hostName, HOST_RULE),
    port,
    tls: certFile && keyFile ? { certFile, keyFile } : undefined,
    allowPlainHttp: read('ALLOW_PLAIN_HTTP', false, trueOrFalse, 'true or false'),
    publishedAddress: read(
      'PUBLISHED_ADDRESS',
      undefined,
      (text) => (/^[A-Za-z0-9.:[\]_%-]+$/.test(text) ? text : undefined),
      'an address and a port, such as 127.0.0.1:3000',
    ),
    metrics: metricsPort === undefined ? undefined : { host: metricsHost, port: metricsPort },
    issuer: read(
      'ISSUER',
      `http://localhost:${port}`,
      issuerUrl,
      'an http:// or https:// URL without a query or a fragment',
    ),
    jwks: file ? { file } : url ? { url } : undefined,
    limits: read('LIMITS', 'memory', oneOf(LIMITS_VALUES), `one of ${LIMITS_VALUES.join(', ')}`),
    trustedProxies: read(
      'TRUSTED_PROXIES',
      [],
      proxyList,
      'addresses or CIDR blocks, with commas between them',
    ),
    logLevel: read('LOG_LEVEL', 'info', oneOf(LOG_LEVELS), `one of ${LOG_LEVELS.join(', ')}`),
  };

  if (variables['JWKS_FILE']?.trim() && variables['JWKS_URI']?.trim())
    faults.push('JWKS_FILE and JWKS_URI must not be set together');
  if (Boolean(certFile) !== Boolean(keyFile))
    faults.push('TLS_CERT_FILE and TLS_KEY_FILE must be set together');
  if (!variables['DATABASE_URL']?.trim() && variables['NODE_ENV'] === 'production') {
    faults.push(
      'DATABASE_URL must be set when NODE_ENV is production: the embedded Postgres is for development',
    );
  }
  if (faults.length > 0) throw new Failure(`Environment: ${faults.join('; ')}.`);
  return environment;
}

function wholeNumber(least: number, most: number) {
  return (text: string): number | undefined => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most ? value : undefined;
  };
}

function trueOrFalse(text: string): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

function workerCount(text: string): number | undefined {
  if (text === 'auto') return Math.min(availableParallelism(), MOST_WORKERS);
  return wholeNumber(1, MOST_WORKERS)(text);
}

function postgresUrl(text: string): string | undefined {
  return urlWith(['postgres:', 'postgresql:'], text) && text;
}

function httpUrl(text: string): string | undefined {
  return urlWith(['http:', 'https:'], text) && text;
}

// RFC 8414 §2 forbids a query and a fragment, and requires https; http is accepted for development.
function issuerUrl(text: string): string | undefined {
  return text.includes('?') || text.includes('#') ? undefined : httpUrl(text);
}

function urlWith(protocols: readonly string[], text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && protocols.includes(url.protocol) ? url : undefined;
}

function hostName(text: string): string | undefined {
  return /^[A-Za-z0-9.:_%-]+$/.test(text) ? text : undefined;
}

function oneOf<const Values extends readonly string[]>(values: Values) {
  return (text: string): Values[number] | undefined => values.find((value) => value === text);
}

function proxyList(text: string): readonly string[] | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  return proxiesFault(entries) === undefined ? entries : undefined;
}
