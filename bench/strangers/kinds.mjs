import { subjectOf, tokenText } from '../fixtures.mjs';
import { Problem } from '../problem.mjs';
import { AUTHORIZATIONS, WRONG, basic } from './credentials.mjs';
import { ask, hold, upload } from './visits.mjs';

/**
 * A kind of request, and what one connection does with it.
 * @typedef {object} Kind
 * @property {string} name
 * @property {typeof ask} visit
 * @property {(number: number) => string} request the request with this number, or how it begins
 * @property {string} [chunk] what follows in an upload, again and again
 * @property {string} [trickle] what follows bit by bit
 * @property {boolean} [authenticates] whether it has credentials, so that limits on guessing count
 * @property {boolean} [chosen] whether the server knows clients with secrets that somebody chose
 * @property {boolean} [again] whether there is the same kind for a server that knows none
 * @property {boolean} [blocked] whether it comes from where guessing was stopped before
 * @property {number} [atOnce] connections at a time; absent: as many as --connections says
 * @property {number} [count] requests after which memory is looked at; absent: 5,000
 * @property {(number: number) => string} [right] what the answer must hold; absent: it must not be 200
 */

/** Tokens in the table: what strangers cost has nothing to do with its size. */
export const TOKENS = 10_000;

/** A piece of an upload, in bytes. */
const PIECE = 65_536;

/** Of an upload, in bytes. */
const LENGTH = 10_485_760;

const FORM = 'Content-Type: application/x-www-form-urlencoded';

function head(...lines) {
  return ['POST /introspect HTTP/1.1', 'Host: sts.bench.example', FORM, ...lines, '', ''].join(
    '\r\n',
  );
}

function whole(authorization, number) {
  const body = `token_type_hint=access_token&token=${tokenText(number % TOKENS)}`;
  const lines = authorization ? [`Authorization: ${authorization}`] : [];
  return head(...lines, `Content-Length: ${body.length}`) + body;
}

/** Credentials of a client that there is not; all of one length. */
const unknown = (number) => basic(`stranger-${String(number).padStart(9, '0')}`, 'a-guess');

/** Whoever repeats this is blocked. */
export const BLOCKED = whole(basic('stranger-who-was-blocked', 'a-guess'), 0);

/** The correct caller whose secret somebody chose. */
export const CHOSEN_CALLER = whole(AUTHORIZATIONS.chosen, 0);

const asks = { visit: ask, authenticates: true };

/** A slow comparison takes a core for tens of milliseconds: more connections would only wait for it. */
const slowly = { chosen: true, atOnce: 4, count: 60 };

const uploads = { visit: upload, atOnce: 8, count: 48 };
const holds = { visit: hold, atOnce: 500, count: 500 };

/** The usual correct caller, for comparison. @type {Kind} */
export const ACTIVE = {
  name: 'a correct caller, active',
  ...asks,
  request: (number) => whole(AUTHORIZATIONS.generated, number),
  right: (number) => `"sub":"${subjectOf(number % TOKENS)}"`,
};

/** A client that there is not. @type {Kind} */
const unknownClient = {
  name: 'unknown client',
  ...asks,
  request: (number) => whole(unknown(number), number),
};

/** Id and secret may be form-encoded or raw: two clients, and two secrets, are tried. @type {Kind} */
const twoReadings = {
  name: 'unknown client, two readings',
  ...asks,
  request: (number) =>
    whole(basic(`stranger%2D${String(number).padStart(9, '0')}`, 'a+guess'), number),
};

/** @type {Kind} */
const wrongSecret = {
  name: 'wrong secret, a generated one',
  ...asks,
  request: (number) => whole(WRONG.generated, number),
};

/** The same, where the server knows clients whose secrets somebody chose. */
const OTHERS = ', where others are chosen';

/** What strangers send. @type {Kind[]} */
export const KINDS = [
  { name: 'no header', visit: ask, request: (number) => whole(undefined, number) },
  { name: 'unreadable header', visit: ask, request: (number) => whole('x', number) },
  unknownClient,
  twoReadings,
  wrongSecret,
  { ...unknownClient, ...slowly, name: `unknown client${OTHERS}`, again: true },
  { ...twoReadings, ...slowly, name: `${twoReadings.name}${OTHERS}`, again: true },
  { ...wrongSecret, ...slowly, name: `${wrongSecret.name}${OTHERS}`, again: true },
  {
    name: 'wrong secret, a chosen one',
    ...asks,
    ...slowly,
    request: (number) => whole(WRONG.chosen, number),
  },
  { name: 'blocked', ...asks, blocked: true, request: () => BLOCKED },
  {
    name: 'body of 10 MB',
    ...uploads,
    request: () => head(`Content-Length: ${LENGTH}`),
    chunk: 'a'.repeat(PIECE),
  },
  {
    name: 'body without end, cut at 10 MB',
    ...uploads,
    request: () => head('Transfer-Encoding: chunked'),
    chunk: `${PIECE.toString(16)}\r\n${'a'.repeat(PIECE)}\r\n`,
  },
  {
    name: 'headers that trickle in',
    ...holds,
    request: () => 'POST /introspect HTTP/1.1\r\nHost: sts.bench.example\r\nX-Slow: ',
    trickle: 'a',
  },
  { name: 'body that never comes', ...holds, request: () => head('Content-Length: 100') },
];

/** Those whose names have the text of --kind. */
export function kindsOf({ options: { kind } }) {
  const kinds = KINDS.filter(({ name }) => name.includes(kind));
  if (kinds.length > 0) return kinds;
  throw new Problem(`--kind takes a part of one of: ${KINDS.map(({ name }) => name).join('; ')}.`);
}
