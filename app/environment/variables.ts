import { availableParallelism } from 'node:os';
import { proxiesFault } from '../../src/config/trusted-proxies.js';
import { ENDPOINT_VARIABLES, LIMIT_VARIABLES, TOKEN_VARIABLES } from './introspection-variables.js';
import { isUrlWith, list, oneOf, path, text, trueOrFalse, wholeNumber } from './kinds.js';
import type { Kind } from './kinds.js';
import type { StackVariable, Variable } from './variable.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const MOST_WORKERS = 64;

const processes = wholeNumber(1, MOST_WORKERS);
const workers: Kind<number> = {
  mustBe: `${processes.mustBe}, or auto`,
  fromText: (given) => (given === 'auto' ? given : processes.fromText(given)),
  check: (value, folder) =>
    value === 'auto'
      ? Math.min(availableParallelism(), MOST_WORKERS)
      : processes.check(value, folder),
};

const port = wholeNumber(0, 65_535);
const host = text('an IP address or a host name', (given) => /^[A-Za-z0-9.:_%-]+$/.test(given));

const FILE_VARIABLES = {
  CONFIG_FILE: {
    what: 'a JSON file that has more of these variables',
    kind: path,
    inStack: {
      name: 'STS_CONFIG_FILE',
      what: "A JSON file inside of the containers that has more of the server's variables, where a docker-compose.override.yml mounts one for the services sts and cli",
    },
  },
} as const satisfies Record<string, Variable>;

const DATABASE_VARIABLES = {
  DATABASE_URL: {
    what: 'the Postgres to use, 15 to 18, with the encoding UTF8',
    kind: text('a postgres:// URL', (given) => isUrlWith(['postgres:', 'postgresql:'], given)),
    shownDefault:
      'none: an embedded one below `DATA_DIR`, which is refused with `NODE_ENV=production`',
  },
  DATABASE_SCHEMA: {
    what: 'the schema of the tables, which `migrate` creates where it is missing',
    // TypeORM takes a dot for the end of the name, and does not escape quotes everywhere.
    kind: text('the name of a schema, of at most 63 letters, digits, _ and -', (given) =>
      /^[\w-]{1,63}$/.test(given),
    ),
    shownDefault: 'the first of the search path of the connection',
    inStack: {},
  },
  DATABASE_POOL_SIZE: {
    what: 'the most connections to Postgres, for each worker',
    kind: wholeNumber(1, 1000),
    default: 10,
    inStack: {},
  },
  DATA_DIR: {
    what: "where the embedded Postgres and the demo's keys are",
    kind: path,
    shownDefault: '`.data`',
  },
} as const satisfies Record<string, Variable>;

const ADDRESS_VARIABLES = {
  HOST: { what: 'the address to listen on', kind: host, default: '127.0.0.1' },
  PORT: { what: 'the port to listen on; 0: any that is free', kind: port, default: 3000 },
  TLS_CERT_FILE: {
    what: 'serve HTTPS with this certificate chain, in PEM',
    kind: path,
    shownDefault: 'none: plain HTTP',
    inStack: {
      name: 'STS_TLS_CERT_FILE',
      what: 'To serve HTTPS, the certificate chain in PEM, inside of the container, where a docker-compose.override.yml mounts it',
    },
  },
  TLS_KEY_FILE: {
    what: 'the private key of the certificate, in PEM',
    kind: path,
    inStack: { name: 'STS_TLS_KEY_FILE', what: 'The private key of the certificate, likewise' },
  },
  ALLOW_PLAIN_HTTP: {
    what: 'whether plain HTTP may be served on an address that others can reach, because a proxy speaks HTTPS: `true` or `false`',
    kind: trueOrFalse,
    default: false,
    inStack: {},
  },
  PUBLISHED_ADDRESS: {
    what: 'in a container, where it is published: on loopback, plain HTTP is served',
    kind: text('an address and a port, such as 127.0.0.1:3000', (given) =>
      /^[A-Za-z0-9.:[\]_%-]+$/.test(given),
    ),
    shownDefault: 'none: `HOST` counts',
  },
  TRUSTED_PROXIES: {
    what: 'the proxies whose `X-Forwarded-For` is believed: addresses and CIDR blocks',
    kind: list('addresses or CIDR blocks', (entry) => proxiesFault([entry]) === undefined),
    default: [],
    inStack: {},
  },
} as const satisfies Record<string, Variable>;

const OPERATION_VARIABLES = {
  WORKERS: {
    what: `how many processes serve the port, 1 to ${MOST_WORKERS}, or \`auto\`: one for each core`,
    kind: workers,
    default: 1,
    inStack: {},
  },
  LOG_LEVEL: {
    what: `the least level to log: ${LOG_LEVELS.join(', ')}`,
    kind: oneOf(LOG_LEVELS),
    default: 'info',
    inStack: {},
  },
  DOCS: {
    what: 'whether `/openapi.json` and a page to try it out, `/docs`, are served: `true` or `false`',
    kind: trueOrFalse,
    shownDefault: '`true`, but with `NODE_ENV=production` `false`',
    inStack: {},
  },
  METRICS_PORT: {
    what: 'where `GET /metrics` is, for Prometheus',
    kind: port,
    shownDefault: 'none: no metrics',
    inStack: {
      what: 'Serves /metrics to the other containers on this port, which is not published',
    },
  },
  METRICS_HOST: {
    what: 'the address that the metrics are served on',
    kind: host,
    default: '127.0.0.1',
  },
} as const satisfies Record<string, Variable>;

/** All variables of the server and the command, in the order of docs, by the headings there. */
export const VARIABLE_GROUPS = {
  'A file': FILE_VARIABLES,
  Database: DATABASE_VARIABLES,
  'Issuers and tokens': TOKEN_VARIABLES,
  Address: ADDRESS_VARIABLES,
  Endpoint: ENDPOINT_VARIABLES,
  Limits: LIMIT_VARIABLES,
  Operation: OPERATION_VARIABLES,
} as const satisfies Record<string, Record<string, Variable>>;

/** The same by their names. */
export const VARIABLES = {
  ...FILE_VARIABLES,
  ...DATABASE_VARIABLES,
  ...TOKEN_VARIABLES,
  ...ADDRESS_VARIABLES,
  ...ENDPOINT_VARIABLES,
  ...LIMIT_VARIABLES,
  ...OPERATION_VARIABLES,
};

/** What docker-compose.yml takes besides. */
export const STACK_VARIABLES = {
  POSTGRES_PASSWORD: {
    what: "The database's password. Set it where the stack is more than a trial, before the first start: Postgres keeps the one that it was initialised with",
  },
  STS_ADDRESS: {
    what: 'The address and port that the server is published on. On an address that other machines can reach it does not start without HTTPS, or `ALLOW_PLAIN_HTTP=true`',
    default: '127.0.0.1:3000',
  },
  STS_IMAGE: { what: "The name of the server's image", default: 'introspection-sts' },
  DEMO_ADDRESS: {
    what: 'The demo profile: where its API is published',
    default: '127.0.0.1:4000',
  },
  DEMO_CLIENT_SECRET: { what: "The secret that the demo's API introspects with" },
  DEMO_IMAGE: {
    what: "The name of the demo's image",
    default: 'introspection-demo-resource-server',
  },
} as const satisfies Record<string, StackVariable & { what: string }>;
