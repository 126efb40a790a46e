import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTo, exchange, parseAnswers, readAll } from '../support/raw-http.js';
import type { Exchange } from '../support/raw-http.js';
import { hostileServer } from './hostile-server.js';
import type { HostileServer } from './hostile-server.js';

let server: HostileServer;
beforeAll(async () => {
  server = await hostileServer();
  await server.expectServes();
});
afterAll(() => server?.end());

/** Ends the connection, if it is still in use, with an answer that nothing else here has. */
const LAST = 'GET /nothing-here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

const many = <T>(count: number, one: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => one(at)));

const outcomeOf = ({ statuses, endedBy }: Exchange): string =>
  [...statuses, ...(endedBy === 'server' ? [] : ['open'])].join('+') || 'closed';

/**
 * Two readings of one request. Each has a question about a live token where a server that reads it in
 * the other way than the one before it would find a request: that question must never be answered.
 */
describe('Request smuggling', () => {
  const hidden = () => server.request(server.live);
  const shapes: [string, () => string, RegExp][] = [
    [
      'both lengths, content-length first',
      () => server.head('Content-Length: 4', 'Transfer-Encoding: chunked') + `0\r\n\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'both lengths, transfer-encoding first',
      () => server.head('Transfer-Encoding: chunked', 'Content-Length: 4') + `0\r\n\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'content-length twice, different',
      () => server.head('Content-Length: 0', `Content-Length: ${hidden().length}`) + hidden(),
      /^400$/,
    ],
    [
      'content-length twice, equal',
      () => server.head('Content-Length: 7', 'Content-Length: 7') + `token=x${hidden()}`,
      /^400$/,
    ],
    ...['+7', '-7', '0x7', '7, 7', '7 7', '7.0', '', '99999999999999999999'].map(
      (length): [string, () => string, RegExp] => [
        `content-length "${length}"`,
        () => server.head(`Content-Length: ${length}`) + hidden(),
        /^400$/,
      ],
    ),
    ...['xchunked', 'chunked, identity', 'chunked, chunked', '\x0bchunked', 'chunked\x00'].map(
      (coding): [string, () => string, RegExp] => [
        `transfer-encoding ${JSON.stringify(coding)}`,
        () => server.head(`Transfer-Encoding: ${coding}`) + `0\r\n\r\n${hidden()}`,
        /^400(\+400)?$/,
      ],
    ),
    [
      'transfer-encoding twice',
      () =>
        server.head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') +
        `0\r\n\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'chunk size that is none',
      () => server.head('Transfer-Encoding: chunked') + `zz\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'chunk size over 64 bits',
      () => server.head('Transfer-Encoding: chunked') + `FFFFFFFFFFFFFFFFF\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'chunk longer than it says',
      () => server.head('Transfer-Encoding: chunked') + `1\r\nab\r\n0\r\n\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'chunk extension with a bare line feed',
      () => server.head('Transfer-Encoding: chunked') + `1;a\nb\r\nx\r\n0\r\n\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'space before the colon',
      () => server.head(`Content-Length : ${hidden().length}`) + hidden(),
      /^400$/,
    ],
    [
      'space before the colon of transfer-encoding',
      () =>
        server.head('Transfer-Encoding : chunked', 'Content-Length: 4') + `0\r\n\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'folded content-length',
      () => server.head(`Content-Length: 0\r\n ${hidden().length}`) + hidden(),
      /^400$/,
    ],
    [
      'folded transfer-encoding',
      () =>
        server.head('Transfer-Encoding:\r\n chunked', 'Content-Length: 4') + `0\r\n\r\n${hidden()}`,
      /^400$/,
    ],
    [
      'bare line feeds',
      () => server.head(`X: y\nContent-Length: ${hidden().length}`) + hidden(),
      /^400$/,
    ],
    [
      'bare carriage return in a header',
      () => server.head(`X: y\rContent-Length: ${hidden().length}`) + hidden(),
      /^400$/,
    ],
    ['NUL in a header', () => server.head('X: a\x00b', 'Content-Length: 0'), /^400$/],
    ['header without a name', () => server.head(': x', 'Content-Length: 0'), /^400$/],
    ['header name with a space', () => server.head('X Y: z', 'Content-Length: 0'), /^400$/],
    ['no host', () => 'POST /introspect HTTP/1.1\r\nContent-Length: 0\r\n\r\n', /^400$/],
    ['method that is none', () => 'FROB /introspect HTTP/1.1\r\nHost: x\r\n\r\n', /^400$/],
    ['version that is none', () => 'POST /introspect HTTP/7.7\r\nHost: x\r\n\r\n', /^400$/],
    ['HTTP/0.9', () => 'GET /introspect\r\n', /^400$/],
    ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^400$/],
    ['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(500, 'x'), /^400$/],
    ['CONNECT', () => 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', /^(closed|400|404)$/],
    [
      'expectation that is none',
      () => server.head('Expect: magic', 'Content-Length: 0'),
      /^417(\+404)?$/,
    ],
    [
      'content of a GET',
      () =>
        `GET /introspect HTTP/1.1\r\nHost: x\r\nContent-Length: ${hidden().length}\r\n\r\n${hidden()}`,
      /^405\+404$/,
    ],
    [
      'host twice',
      () => server.request(server.revoked, ['Host: other.example']),
      /^(400|200\+404)$/,
    ],
    [
      'another server’s address',
      () =>
        server.request(server.revoked).replace('/introspect', 'http://other.example/introspect'),
      /^(400|404|200|404\+404|200\+404)$/,
    ],
    ['folded header', () => server.request(server.revoked, ['X: a\r\n b']), /^(400|200\+404)$/],
    [
      'a coding before chunked',
      () => server.head('Transfer-Encoding: gzip, chunked') + `7\r\ntoken=x\r\n0\r\n\r\n`,
      /^(400|415\+404|200\+404)$/,
    ],
    [
      'upgrade',
      () => server.request(server.revoked, ['Connection: Upgrade', 'Upgrade: h2c']),
      // Nothing is read after it, until the connection has been silent for too long.
      /^(200\+404|200\+open)$/,
    ],
  ];

  it.each(shapes)('%s', async (shape, bytes, expected) => {
    await server.endure(shape, async () => {
      const exchanges = await many(20, () =>
        exchange(server.origin, bytes() + LAST, { patience: 20_000 }),
      );
      for (const one of exchanges) {
        expect(outcomeOf(one)).toMatch(expected);
        expect(one.bodies.join('')).not.toContain('"active":true');
      }
      return exchanges.map(outcomeOf);
    });
  });
});

describe('Size', () => {
  it.each<[string, () => string, RegExp, number?]>([
    ['one header of 64 kB', () => server.head(`X: ${'x'.repeat(65_536)}`), /^431$/],
    [
      '5,000 headers',
      () => server.head(...Array.from({ length: 5000 }, (_, at) => `X-${at}: y`)),
      /^431$/,
    ],
    [
      'an address of 64 kB',
      () => `GET /${'x'.repeat(65_536)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      /^431$/,
    ],
    ['a body of 1 MB', () => server.request('x'.repeat(1_000_000)), /^(413|closed)$/],
    [
      'a body of 1 MB in chunks',
      () =>
        server.head('Transfer-Encoding: chunked') +
        `400\r\n${'x'.repeat(1024)}\r\n`.repeat(1000) +
        '0\r\n\r\n',
      /^(413|closed)$/,
    ],
    [
      'a body of 64 kB in chunks of one byte',
      () => server.head('Transfer-Encoding: chunked') + '1\r\n%\r\n'.repeat(65_536) + '0\r\n\r\n',
      /^(413|closed)$/,
      20,
    ],
  ])('%s', async (shape, bytes, expected, count = 100) => {
    await server.endure(shape, async () => {
      const exchanges = await many(count, () =>
        exchange(server.origin, bytes(), { patience: 60_000 }),
      );
      for (const one of exchanges) expect(outcomeOf(one)).toMatch(expected);
      return exchanges.map(outcomeOf);
    });
  });
});

it('pipelining: every answer is right, and in order', async () => {
  const ROUNDS = 40;
  await server.endure('pipelining, 120 requests on a connection', async () => {
    const three = [
      server.request(server.live),
      server.request(server.revoked),
      server.request(''),
    ].join('');
    const exchanges = await many(50, () =>
      exchange(server.origin, three.repeat(ROUNDS) + LAST, { patience: 120_000 }),
    );
    for (const { statuses, bodies } of exchanges) {
      const rounds = Array.from({ length: ROUNDS }, () => [200, 200, 400]).flat();
      expect(statuses).toEqual([...rounds, 404]);
      for (let at = 0; at < 3 * ROUNDS; at += 3) {
        expect(bodies[at]).toContain('"active":true');
        expect(bodies[at + 1]).toBe('{"active":false}');
        expect(bodies[at + 2]).toContain('"error":"invalid_request"');
      }
    }
    return exchanges.flatMap(({ statuses }) => statuses);
  });
});

describe('Connections that are given up', () => {
  const request = () => server.request(server.revoked);
  it.each<[string, () => string, 'end' | 'resetAndDestroy' | 'destroy']>([
    ['half-closed in the headers', () => request().slice(0, 60), 'end'],
    ['half-closed in the body', () => request().slice(0, -3), 'end'],
    ['half-closed after the request', request, 'end'],
    ['reset before a byte', () => '', 'resetAndDestroy'],
    ['reset in the body', () => request().slice(0, -3), 'resetAndDestroy'],
    ['reset after the request', request, 'resetAndDestroy'],
    ['reset in a pipeline', () => request().repeat(50), 'resetAndDestroy'],
    ['closed after the request', request, 'destroy'],
  ])('%s', async (shape, bytes, how) => {
    await server.endure(shape, async () => {
      const outcomes: string[] = [];
      for (let batch = 0; batch < 10; batch++) {
        const exchanges = await many(100, async () => {
          const socket = await connectTo(server.origin);
          const read = readAll(socket, 20_000);
          await new Promise((resolve) => socket.write(bytes(), resolve));
          socket[how]();
          return read;
        });
        outcomes.push(...exchanges.map(outcomeOf));
        if (how === 'end')
          expect(new Set(exchanges.map(({ endedBy }) => endedBy))).toEqual(new Set(['server']));
      }
      return outcomes;
    });
  });
});

describe('Slowness', () => {
  /** Sends a byte a second for as long as the server lets us. */
  const drip = async (first: string, byte: string) => {
    const socket = await connectTo(server.origin);
    const read = readAll(socket, 120_000);
    socket.write(first);
    const dripping = setInterval(() => void (socket.writable && socket.write(byte)), 1000);
    return read.finally(() => clearInterval(dripping));
  };

  it.each<[string, () => string, string]>([
    ['slow headers', () => 'POST /introspect HTTP/1.1\r\nHost: x\r\nX: ', 'x'],
    ['slow body', () => server.head('Content-Length: 10000'), 'x'],
    ['slow chunks', () => server.head('Transfer-Encoding: chunked'), '1\r\nx\r\n'],
    ['silence', () => '', ''],
  ])('%s: the server ends it, and answers others meanwhile', async (shape, first, byte) => {
    await server.endure(shape, async () => {
      const slow = many(300, () => drip(first(), byte));
      for (let turn = 0; turn < 20; turn++) await server.expectServes();
      const exchanges = await slow;
      expect(new Set(exchanges.map(({ endedBy }) => endedBy))).toEqual(new Set(['server']));
      for (const one of exchanges) expect(outcomeOf(one)).toMatch(/^(408|closed)$/);
      return exchanges.map(outcomeOf);
    });
  });
});

describe('10,000 connections', () => {
  const COUNT = 10_000;
  /** As many at a time as the queue of a listening socket takes. */
  const openAll = async (one: () => Promise<Awaited<ReturnType<typeof connectTo>>>) => {
    const sockets: Awaited<ReturnType<typeof connectTo>>[] = [];
    while (sockets.length < COUNT) sockets.push(...(await many(200, one)));
    return sockets;
  };

  it.each<[string, boolean]>([
    ['idle after an answer', true],
    ['that have never said anything', false],
  ])('%s', async (what, ask) => {
    const before = server.memory();
    let during = 0;
    await server.endure(`10,000 connections ${what}`, async () => {
      const sockets = await openAll(async () => {
        const socket = await connectTo(server.origin);
        if (!ask) return socket;
        const answered = new Promise<string>((resolve, reject) => {
          socket.once('data', (data: Buffer) => resolve(data.toString('latin1')));
          socket.once('close', () => reject(new Error('closed before an answer')));
        });
        socket.write(server.request(server.live));
        expect(parseAnswers(await answered).bodies[0]).toContain('"active":true');
        return socket;
      });
      await server.expectServes();
      during = server.memory();
      const open = sockets.filter((socket) => !socket.destroyed).length;
      for (const socket of sockets) socket.destroy();
      return sockets.map(() => (open > 0 ? (ask ? '200' : 'open') : 'closed'));
    });
    console.log(`10,000 connections ${what}: ${before} MiB before, ${during} MiB with them`);
    expect(during - before).toBeLessThan(400);
  });
});
