import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  HALF_CLIENT_HELLO,
  LAST,
  connectTo,
  exchange,
  parseAnswers,
  readAll,
} from '../support/raw-http.js';
import type { Exchange } from '../support/raw-http.js';
import { SMUGGLING } from '../support/smuggling.js';
import { hostileServer } from './hostile-server.js';
import type { HostileServer } from './hostile-server.js';

const many = <T>(count: number, one: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => one(at)));

const outcomeOf = ({ statuses, endedBy }: Exchange): string =>
  [...statuses, ...(endedBy === 'server' ? [] : ['open'])].join('+') || 'closed';

describe.each(['http', 'https'] as const)('Over %s', (scheme) => {
  let server: HostileServer;
  beforeAll(async () => {
    server = await hostileServer(scheme);
    await server.expectServes();
  });
  afterAll(() => server?.end());

  describe('Request smuggling', () => {
    it.each(SMUGGLING)('%s', async (shape, bytes, statuses) => {
      await server.endure(shape, async () => {
        const exchanges = await many(20, () =>
          exchange(server.origin, bytes(server) + LAST, { patience: 20_000 }),
        );
        for (const one of exchanges) {
          expect(one).toMatchObject({ statuses, endedBy: 'server' });
          expect(one.bodies.join('')).not.toContain('"active":true');
        }
        return exchanges.map(outcomeOf);
      });
    });

    it('upgrade', async () => {
      await server.endure('upgrade', async () => {
        const upgrade = server.request(server.revoked, ['Connection: Upgrade', 'Upgrade: h2c']);
        const exchanges = await many(20, () =>
          exchange(server.origin, upgrade + server.request(server.live), {
            patience: 20_000,
            afterAnswer: LAST,
          }),
        );
        for (const one of exchanges) {
          expect(one).toMatchObject({ statuses: [200, 404], endedBy: 'server' });
          expect(one.bodies[0]).toBe('{"active":false}');
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
      // Who sends on while he is refused may find the connection reset before he has read the answer.
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

  describe('Slowness', () => {
    /** Sends a byte a second for as long as the server lets us, but for no longer than `patience`. */
    const drip = async (first: string, byte: string, patience: number) => {
      const socket = await connectTo(server.origin);
      const read = readAll(socket, patience);
      socket.write(first);
      const dripping = setInterval(() => void (socket.writable && socket.write(byte)), 1000);
      return read.finally(() => clearInterval(dripping));
    };

    // Node's own bounds for TLS would come after our patience.
    it.each<[string, () => string, string, patience: number]>([
      ['slow headers', () => 'POST /introspect HTTP/1.1\r\nHost: x\r\nX: ', 'x', 45_000],
      ['slow body', () => server.head('Content-Length: 10000'), 'x', 75_000],
      ['slow chunks', () => server.head('Transfer-Encoding: chunked'), '1\r\nx\r\n', 75_000],
      ['silence', () => '', '', 45_000],
    ])(
      '%s: the server ends it, and answers others meanwhile',
      async (shape, first, byte, patience) => {
        await server.endure(shape, async () => {
          const slow = many(300, () => drip(first(), byte, patience));
          for (let turn = 0; turn < 20; turn++) await server.expectServes();
          const exchanges = await slow;
          for (const one of exchanges) expect(outcomeOf(one)).toBe('408');
          return exchanges.map(outcomeOf);
        });
      },
    );

    it('no handshake, or half of one: the server ends it', async () => {
      // Over plain HTTP the second is a request that cannot be read.
      const outcomes = scheme === 'https' ? ['closed', 'closed'] : ['408', '400'];
      await server.endure('no handshake, or half of one', async () => {
        const tcp = server.origin.replace('https', 'http');
        const exchanges = await many(300, (at) =>
          exchange(tcp, at % 2 ? HALF_CLIENT_HELLO : '', { patience: 60_000 }),
        );
        exchanges.forEach((one, at) => expect(outcomeOf(one)).toBe(outcomes[at % 2]));
        return exchanges.map(outcomeOf);
      });
    });
  });
});

describe('Over http', () => {
  let server: HostileServer;
  beforeAll(async () => {
    server = await hostileServer('http');
    await server.expectServes();
  });
  afterAll(() => server?.end());

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
});
