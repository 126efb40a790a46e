import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { mayBegin } from '../../src/http/last-request.js';
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
  const listener: RequestListener = (request, response) => {
    if (mayBegin(request, response)) onRequest(request, response);
  };
  const server = certificate
    ? createTlsServer({ ...bounds, ...certificate }, listener)
    : createServer(bounds, listener);
  server.maxHeadersCount = bounds.maxHeadersCount;
  server.maxConnections = bounds.maxConnections;
  return server;
}
