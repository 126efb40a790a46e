import type { RawRequests } from './raw-requests.js';

/** Who is asked: a live token is what a hidden request asks about. */
export type Target = RawRequests & { readonly live: string };

/** What is sent, and the statuses that come back on the connection. */
export type SmugglingShape = readonly [
  what: string,
  bytes: (to: Target) => string,
  statuses: readonly number[],
];

/** Would be answered `active: true`. */
const hidden = (to: Target) => to.request(to.live);

/**
 * Two readings of one request. Each has a question about a live token where a server that reads it in
 * the other way than the one before it would find a request: that question must never be answered.
 */
export const SMUGGLING: readonly SmugglingShape[] = [
  [
    'both lengths, content-length first',
    (to) => to.head('Content-Length: 4', 'Transfer-Encoding: chunked') + `0\r\n\r\n${hidden(to)}`,
    [400],
  ],
  [
    'both lengths, transfer-encoding first',
    (to) => to.head('Transfer-Encoding: chunked', 'Content-Length: 4') + `0\r\n\r\n${hidden(to)}`,
    [400],
  ],
  [
    'content-length twice, different',
    (to) => to.head('Content-Length: 0', `Content-Length: ${hidden(to).length}`) + hidden(to),
    [400],
  ],
  [
    'content-length twice, equal',
    (to) => to.head('Content-Length: 7', 'Content-Length: 7') + `token=x${hidden(to)}`,
    [400],
  ],
  ...['+7', '-7', '0x7', '7, 7', '7 7', '7.0', '', '99999999999999999999'].map(
    (length): SmugglingShape => [
      `content-length "${length}"`,
      (to) => to.head(`Content-Length: ${length}`) + hidden(to),
      [400],
    ],
  ),
  ...['xchunked', 'chunked, identity', 'chunked, chunked', '\x0bchunked', 'chunked\x00'].map(
    (coding): SmugglingShape => [
      `transfer-encoding ${JSON.stringify(coding)}`,
      (to) => to.head(`Transfer-Encoding: ${coding}`) + `0\r\n\r\n${hidden(to)}`,
      [400],
    ],
  ),
  [
    'transfer-encoding twice',
    (to) =>
      to.head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') +
      `0\r\n\r\n${hidden(to)}`,
    [400],
  ],
  [
    'chunk size that is none',
    (to) => to.head('Transfer-Encoding: chunked') + `zz\r\n${hidden(to)}`,
    [400],
  ],
  [
    'chunk size over 64 bits',
    (to) => to.head('Transfer-Encoding: chunked') + `FFFFFFFFFFFFFFFFF\r\n${hidden(to)}`,
    [400],
  ],
  [
    'chunk longer than it says',
    (to) => to.head('Transfer-Encoding: chunked') + `1\r\nab\r\n0\r\n\r\n${hidden(to)}`,
    [400],
  ],
  [
    'chunk extension with a bare line feed',
    (to) => to.head('Transfer-Encoding: chunked') + `1;a\nb\r\nx\r\n0\r\n\r\n${hidden(to)}`,
    [400],
  ],
  [
    'space before the colon',
    (to) => to.head(`Content-Length : ${hidden(to).length}`) + hidden(to),
    [400],
  ],
  [
    'space before the colon of transfer-encoding',
    (to) => to.head('Transfer-Encoding : chunked', 'Content-Length: 4') + `0\r\n\r\n${hidden(to)}`,
    [400],
  ],
  [
    'folded content-length',
    (to) => to.head(`Content-Length: 0\r\n ${hidden(to).length}`) + hidden(to),
    [400],
  ],
  [
    'folded transfer-encoding',
    (to) =>
      to.head('Transfer-Encoding:\r\n chunked', 'Content-Length: 4') + `0\r\n\r\n${hidden(to)}`,
    [400],
  ],
  [
    'bare line feeds',
    (to) => to.head(`X: y\nContent-Length: ${hidden(to).length}`) + hidden(to),
    [400],
  ],
  [
    'bare carriage return in a header',
    (to) => to.head(`X: y\rContent-Length: ${hidden(to).length}`) + hidden(to),
    [400],
  ],
  ['NUL in a header', (to) => to.head('X: a\x00b', 'Content-Length: 0'), [400]],
  ['header without a name', (to) => to.head(': x', 'Content-Length: 0'), [400]],
  ['header name with a space', (to) => to.head('X Y: z', 'Content-Length: 0'), [400]],
  ['no host', () => 'POST /introspect HTTP/1.1\r\nContent-Length: 0\r\n\r\n', [400]],
  ['method that is none', () => 'FROB /introspect HTTP/1.1\r\nHost: x\r\n\r\n', [400]],
  ['version that is none', () => 'POST /introspect HTTP/7.7\r\nHost: x\r\n\r\n', [400]],
  ['HTTP/0.9', () => 'GET /introspect\r\n', [400]],
  ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
  ['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(500, 'x'), [400]],
  ['CONNECT', () => 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', []],
  ['expectation that is none', (to) => to.head('Expect: magic', 'Content-Length: 0'), [417, 404]],
  [
    'content of a GET',
    (to) =>
      `GET /introspect HTTP/1.1\r\nHost: x\r\nContent-Length: ${hidden(to).length}\r\n\r\n${hidden(to)}`,
    [405, 404],
  ],
  ['host twice', (to) => to.request('revoked', ['Host: other.example']), [200, 404]],
  [
    'another server’s address',
    (to) => to.request('revoked').replace('/introspect', 'http://other.example/introspect'),
    [200, 404],
  ],
  ['folded header', (to) => to.request('revoked', ['X: a\r\n b']), [400]],
  [
    'a coding before chunked',
    (to) => to.head('Transfer-Encoding: gzip, chunked') + `7\r\ntoken=x\r\n0\r\n\r\n`,
    [415, 404],
  ],
];
