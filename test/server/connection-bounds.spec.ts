import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpServer } from '../../app/server/http-server.js';
import type { Bounds } from '../../app/server/http-server.js';
import { serveMetrics } from '../../app/server/metrics-endpoint.js';
import type { Certificate } from '../../app/server/tls.js';
import { certificateForTest } from '../support/certificate.js';
import { HALF_CLIENT_HELLO, connectTo, exchange, readAll } from '../support/raw-http.js';

/** Far below what Node has by default, so that what ends a connection is one of these. */
const SHORT: Bounds = {
  headersTimeout: 1500,
  requestTimeout: 2500,
  keepAliveTimeout: 500,
  handshakeTimeout: 1000,
  connectionsCheckingInterval: 50,
  maxHeaderSize: 1024,
  maxHeadersCount: 0,
  mostUnanswered: 8,
  maxConnections: 50,
};
/** Below Node's own timeouts of headers, requests and handshakes, in milliseconds: 60 s and more. */
const PATIENCE = 25_000;

const POST = 'POST / HTTP/1.1\r\nHost: x\r\n';
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n';
let certificate: Certificate;
beforeAll(async () => {
  certificate = await certificateForTest();
});

async function start(scheme: 'http' | 'https', bounds?: Bounds) {
  const begun: string[] = [];
  const server = createHttpServer(
    scheme === 'https' ? certificate : undefined,
    (request, response) => {
      begun.push(request.url!);
      request.resume().on('end', () => response.setHeader('Content-Length', '0').end());
    },
    bounds,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, begun, origin: `${scheme}://127.0.0.1:${port}`, end: () => close(server) };
}

/** The same, for one test. */
async function startForTest(...started: Parameters<typeof start>) {
  const one = await start(...started);
  onTestFinished(async () => void (await one.end()));
  return one;
}

function close(server: Server): Promise<unknown> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  return closed;
}

/** Sends these bytes, and then some again and again for as long as the server lets us. */
async function drip(origin: string, first: string, next: string) {
  const socket = await connectTo(origin);
  const read = readAll(socket, PATIENCE);
  socket.write(first, 'latin1');
  const dripping = setInterval(() => void (socket.writable && socket.write(next, 'latin1')), 100);
  return read.finally(() => clearInterval(dripping));
}

describe.each(['http', 'https'] as const)('A24 over %s the server', (scheme) => {
  let short: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    short = await start(scheme, SHORT);
  });
  afterAll(() => short.end());

  it.concurrent.each<[what: string, first: string, next: string, statuses: number[]]>([
    ['silence', '', '', [408]],
    ['slow headers', `${POST}X: `, 'x', [408]],
    ['very many slow headers', POST, 'x:\r\n', [408]],
    ['a slow body', `${POST}Content-Length: 10000\r\n\r\n`, 'x', [408]],
    ['slow chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n', [408]],
    ['slow empty lines', '', '\r\n', [408]],
    ['silence after an answer', `${GET}\r\n`, '', [200]],
    ['slow headers after an answer', `${GET}\r\n${GET}X:`, 'x', [200, 408]],
    ['large headers', `${GET}X: ${'x'.repeat(1024)}\r\n\r\n`, '', [431]],
  ])('ends %s', async (_what, first, next, statuses) => {
    expect(await drip(short.origin, first, next)).toMatchObject({ statuses, endedBy: 'server' });
  });

  it('A22 begins nothing behind HTTP/1.0 with Transfer-Encoding, at any path', async () => {
    const { begun, origin } = await startForTest(scheme);
    const faulty =
      'POST /a HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n';
    const one = await exchange(origin, `${faulty}${hidden}`, { patience: PATIENCE });
    expect(one).toMatchObject({ statuses: [200], endedBy: 'server' });
    expect(begun).toEqual(['/a']);
  });

  it('shows every header, however many there are', async () => {
    let shown: string[] = [];
    const { server, origin } = await startForTest(scheme);
    server.on('request', ({ rawHeaders }) => (shown = rawHeaders));
    const bytes = `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'a:\r\n'.repeat(3000)}\r\n`;
    await exchange(origin, bytes, { patience: PATIENCE });
    expect(shown).toHaveLength(2 * 3002);
  });

  it('begins no more requests of a connection than may wait, and ends it with the last', async () => {
    const { begun, origin } = await startForTest(scheme, SHORT);
    const one = await exchange(origin, `${GET}\r\n`.repeat(50), { patience: PATIENCE });
    expect(one).toMatchObject({
      statuses: Array.from({ length: 8 }, () => 200),
      endedBy: 'server',
    });
    expect(begun).toHaveLength(8);
    // What was answered waits no more.
    const socket = await connectTo(origin);
    for (let turn = 0; turn < 20; turn++) {
      const answered = once(socket, 'data');
      socket.write(`${GET}\r\n`);
      await answered;
    }
    socket.destroy();
    expect(begun).toHaveLength(28);
  });

  it('closes connections beyond their number as they come', async () => {
    const { origin } = await startForTest(scheme, {
      ...SHORT,
      headersTimeout: 20_000,
      requestTimeout: 20_000,
      maxConnections: 2,
    });
    const sockets = [await connectTo(origin), await connectTo(origin)];
    const third = await exchange(origin, `${GET}\r\n`, { patience: PATIENCE }).catch(
      () => 'refused',
    );
    expect(third).toEqual(
      scheme === 'https' ? 'refused' : { statuses: [], bodies: [], endedBy: 'server' },
    );
    for (const socket of sockets) socket.destroy();
  });

  it('has these bounds', async () => {
    const { server } = await startForTest(scheme);
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 72_000,
      maxConnections: 16_384,
    });
  });
});

it('A22 the metrics have the same server: nothing is begun behind a faulty request', async () => {
  let reads = 0;
  const read = async () => `read ${++reads}`;
  const logger = pino({ enabled: false });
  const metrics = await serveMetrics({ host: '127.0.0.1', port: 0 }, read, logger);
  onTestFinished(() => metrics.close());
  const get = 'GET /metrics HTTP/1.0\r\nConnection: keep-alive\r\n';
  const socket = await connectTo(metrics.url);
  const closed = new Promise((resolve) => socket.resume().once('close', resolve));
  socket.write(`${get}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get}\r\n`);
  await closed;
  expect(reads).toBe(1);
});

describe('A24 the handshake', () => {
  let short: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    short = await start('https', SHORT);
  });
  afterAll(() => short.end());

  it.concurrent.each<[what: string, first: string, next: string]>([
    ['that never begins', '', ''],
    ['that stops half-way', HALF_CLIENT_HELLO, ''],
    ['that comes a byte at a time', HALF_CLIENT_HELLO, 'x'],
  ])('%s is ended', async (_what, first, next) => {
    const one = await drip(short.origin.replace('https', 'http'), first, next);
    expect(one).toEqual({ statuses: [], bodies: [], endedBy: 'server' });
  });

  it('has 10 s', async () => {
    const { server } = await startForTest('https');
    // Node has no public name for it.
    const [timeout] = Object.getOwnPropertySymbols(server).filter(
      ({ description }) => description === 'handshake-timeout',
    );
    expect((server as unknown as Record<symbol, unknown>)[timeout!]).toBe(10_000);
  });
});
