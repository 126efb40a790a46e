import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import { makeLast, mayBegin } from '../../src/http/last-request.js';
import type { Certificate } from './tls.js';

/** What connections may take of the server; times in milliseconds, sizes in bytes. */
const BOUNDS = {
  /** For a request's headers to arrive, and for a new connection that sends nothing. */
  headersTimeout: 10_000,
  /** For a request to arrive in full. */
  requestTimeout: 30_000,
  /** For a connection to be idle between two requests. */
  keepAliveTimeout: 72_000,
  /** For the TLS handshake. */
  handshakeTimeout: 10_000,
  /** How often Node compares the connections with the first two. */
  connectionsCheckingInterval: 5000,
  /** All headers together. Their number is unbounded: Node would leave out those beyond it. */
  maxHeaderSize: 16_384,
  maxHeadersCount: 0,
  /** Requests of one connection that are begun and not answered; the last of so many ends the connection. */
  mostUnanswered: 128,
  /** Of one process; further ones are closed at once. An idle connection takes some 10 kB. */
  maxConnections: 16_384,
};

export type Bounds = Readonly<typeof BOUNDS>;

/**
 * Node's own server, with the same bounds for HTTP and HTTPS: Fastify would leave them out with TLS.
 * @param certificate absent for plain HTTP
 */
export function createHttpServer(
  certificate: Certificate | undefined,
  onRequest: RequestListener,
  bounds: Bounds = BOUNDS,
): Server {
  const unanswered = new WeakMap<Socket, number>();
  const listener: RequestListener = (request, response) => {
    if (!mayBegin(request, response)) return;
    const { socket } = request;
    const count = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, count);
    response.once('close', () => unanswered.set(socket, unanswered.get(socket)! - 1));
    // Nobody who pipelines waits with so many; and whoever does is not to keep others waiting.
    if (count >= bounds.mostUnanswered) makeLast(request, response);
    onRequest(request, response);
  };
  const server = certificate
    ? createTlsServer({ ...bounds, ...certificate }, listener)
    : createServer(bounds, listener);
  server.maxHeadersCount = bounds.maxHeadersCount;
  server.maxConnections = bounds.maxConnections;
  return server;
}
