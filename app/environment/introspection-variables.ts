import { ALGORITHMS } from '../../src/config/algorithms.js';
import { isFetchable } from '../../src/config/jwks-rules.js';
import { REALM, isRealm } from '../../src/config/option-rules.js';
import {
  FETCHABLE_URL,
  isHttpUrl,
  isIssuer,
  list,
  oneOf,
  path,
  share,
  text,
  wholeNumber,
} from './kinds.js';
import { trustedIssuers } from './trusted-issuers.js';
import type { Variable } from './variable.js';

type Algorithm = (typeof ALGORITHMS)[number];

/** Whose tokens are active, and which. */
export const TOKEN_VARIABLES = {
  ISSUER: {
    what: 'the issuer identifier of this server: the `iss` of the tokens that it issues',
    // RFC 8414 §2 forbids a query and a fragment, and requires https; http is accepted for development.
    kind: text(
      'an http:// or https:// URL without a query or a fragment',
      (given) => isHttpUrl(given) && !/[?#]/.test(given),
    ),
    shownDefault: '`http://localhost:PORT`',
    inStack: { default: 'http://localhost:3000' },
  },
  ISSUER_ALIASES: {
    what: 'other issuer identifiers that this server has issued tokens under',
    kind: list('issuer identifiers', isIssuer),
    default: [],
    inStack: {},
  },
  JWKS_FILE: {
    what: 'a JWK Set with the keys that sign the JWTs of this server; the public half is enough',
    kind: path,
    shownDefault: 'none: no JWT of this server is active',
    inStack: {
      name: 'STS_JWKS_FILE',
      what: 'The keys of the JSON Web Tokens. The stack makes one and keeps it in a volume; the server has its public half alone. For keys that are elsewhere, set this one to nothing',
      default: '/app/public-keys/jwks.json',
    },
  },
  JWKS_URI: {
    what: 'where the same keys are fetched, in the place of `JWKS_FILE`: with https, because whoever can change the answer to plain http decides which tokens are active',
    kind: text(FETCHABLE_URL, isFetchable),
    inStack: { name: 'STS_JWKS_URI' },
  },
  TRUSTED_ISSUERS: {
    what: 'other issuers whose JWTs are introspected, each with its keys, as JSON: `[{"issuer": "…", "jwks_uri": "…"}]`, or `jwks_file` in the place of `jwks_uri`',
    kind: trustedIssuers,
    default: [],
    inStack: {},
  },
  ALGORITHMS: {
    what: `the signature algorithms that a JWT may use: ${ALGORITHMS.join(', ')}`,
    kind: list<Algorithm>(
      `some of ${ALGORITHMS.join(', ')}`,
      (entry): entry is Algorithm => (ALGORITHMS as readonly string[]).includes(entry),
      1,
    ),
    default: ALGORITHMS,
    shownDefault: 'all of them',
    inStack: {},
  },
  JWT_TYPES: {
    what: 'which JWTs are accepted: `any`, or with `at+jwt` only those that say they are access tokens (RFC 9068)',
    kind: oneOf(['any', 'at+jwt']),
    default: 'any',
    inStack: {},
  },
} as const satisfies Record<string, Variable>;

/** How the endpoint answers. */
export const ENDPOINT_VARIABLES = {
  INTROSPECTION_PATH: {
    what: "the endpoint's path",
    kind: text(
      'a path such as /oauth/introspect, and neither below /health or /docs nor /metrics or /openapi.json',
      (given) =>
        /^(\/(?!\.{1,2}(\/|$))[\w.~-]+)+$/.test(given) &&
        !/^\/((health|docs)(\/|$)|(metrics|openapi\.json)$)/i.test(given),
    ),
    default: '/introspect',
    inStack: {},
  },
  UNKNOWN_HINTS: {
    what: 'a `token_type_hint` that is not known is an error (`reject`) or counts as absent (`ignore`)',
    kind: oneOf(['reject', 'ignore']),
    default: 'reject',
    inStack: {},
  },
  UNRECOGNIZED_TOKENS: {
    what: 'a token that is of no known kind is `inactive` or an `error`',
    kind: oneOf(['inactive', 'error']),
    default: 'inactive',
    inStack: {},
  },
  BODY_LIMIT: {
    what: 'the largest request body, in bytes, up to 1048576',
    kind: wholeNumber(1, 1_048_576, 'bytes'),
    default: 65_536,
    inStack: {},
  },
  REALM: {
    what: 'the `realm` of the Basic challenge',
    kind: text(REALM, (given) => given !== '' && isRealm(given)),
    default: 'introspection',
    inStack: {},
  },
  READ_TIMEOUT: {
    what: 'how long a read of the database may take, waiting included, before the answer is 503, in milliseconds, up to 10000',
    kind: wholeNumber(1, 10_000, 'milliseconds'),
    default: 2000,
    inStack: {},
  },
} as const satisfies Record<string, Variable>;

/** Bounds on guessing secrets and on scanning for tokens. */
export const LIMIT_VARIABLES = {
  LIMITS: {
    what: 'where failed authentications are counted, `memory` of each process or `postgres`; `off`: there are no limits at all',
    kind: oneOf(['memory', 'postgres', 'off']),
    default: 'memory',
    inStack: {},
  },
  LIMITS_FAILURES_PER_CLIENT: {
    what: 'authentications for one client from one address that may fail within the window; more are refused there',
    kind: wholeNumber(1, 1_000_000),
    default: 20,
    inStack: {},
  },
  LIMITS_FAILURES_PER_ADDRESS: {
    what: 'the same from one address, for all clients together',
    kind: wholeNumber(1, 1_000_000),
    default: 100,
    inStack: {},
  },
  LIMITS_WINDOW: {
    what: 'the window for failures, and how long more are refused, in seconds, up to 86400',
    kind: wholeNumber(1, 86_400, 'seconds'),
    default: 300,
    inStack: {},
  },
  LIMITS_UNKNOWN_TOKENS: {
    what: 'the share of tokens, 0 to 1, that are unknown or not for it to see, above which a caller that asked 100 times or more within a minute is a scanner',
    kind: share,
    default: 0.5,
    inStack: {},
  },
  LIMITS_DELAY: {
    what: 'how long inactive answers to a scanner are held back, in milliseconds, up to 10000',
    kind: wholeNumber(0, 10_000, 'milliseconds'),
    default: 1000,
    inStack: {},
  },
} as const satisfies Record<string, Variable>;
