import type { JwksFile, JwksUrl } from './jwks-source.js';
import { isObject, isText, kindOf, memberFaults, mustBe, unknownMembers } from './rule.js';
import type { Rule, Rules } from './rule.js';

const KINDS = ['keys', 'file', 'url'] as const;
const WHAT = 'a JWK Set { keys }, { file } or { url }';

/** The longest time for one fetch, in seconds. */
const LONGEST_TIMEOUT_S = 3600;

const seconds = mustBe(
  'a number of seconds, 0 or more',
  (value) => typeof value === 'number' && value >= 0,
);

const URL_RULES = {
  url: mustBe('an http: or https: URL without a user or a password', isFetchable),
  cacheMaxAge: seconds,
  cooldown: seconds,
  timeout: mustBe(
    `a number of seconds above 0, up to ${LONGEST_TIMEOUT_S}`,
    (value) => typeof value === 'number' && value > 0 && value <= LONGEST_TIMEOUT_S,
  ),
  staleFor: seconds,
} satisfies Record<keyof JwksUrl, Rule>;

const FILE_RULES = { file: mustBe('the path of a file', isText) } satisfies Record<
  keyof JwksFile,
  Rule
>;

const RULES_BY_KIND: Readonly<Record<'file' | 'url', Rules>> = { file: FILE_RULES, url: URL_RULES };

/** Where a JWK Set is. Its keys are not judged: one that cannot be used is ignored (RFC 7517 §5). */
export const jwksSource: Rule = function* (value, name) {
  if (!isObject(value)) {
    yield `${name} must be ${WHAT}, and is ${kindOf(value)}`;
    return;
  }
  const kinds = kindsOf(value as Readonly<Record<string, unknown>>);
  const [kind] = kinds;
  if (kinds.length > 1) yield `${name} must have one of ${kinds.join(', ')}, and has several`;
  else if (kind === undefined) yield* missing(value, name);
  else if (kind !== 'keys') yield* memberFaults(value, RULES_BY_KIND[kind], [], name);
  else if (!Array.isArray((value as { keys: unknown }).keys)) {
    yield `${name}.keys must be a list of keys: it is not a JWK Set`;
  }
};

function kindsOf(source: Readonly<Record<string, unknown>>): (typeof KINDS)[number][] {
  return KINDS.filter((kind) => source[kind] !== undefined);
}

function* missing(source: object, name: string): Generator<string> {
  if ('kty' in source) {
    yield `${name} must be ${WHAT}, and is one key: put it into the list of a set, { keys: [key] }`;
    return;
  }
  yield `${name} must be ${WHAT}, and is not a JWK Set`;
  yield* unknownMembers(source, [...KINDS, ...Object.keys(URL_RULES)], name);
}

/** `fetch` takes no URL with credentials, and can fetch nothing else over a network. */
export function isFetchable(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
