import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Certificate } from './tls.js';

/** Most connections of one process; further ones are closed at once. An idle connection takes some 10 kB. */
const MOST_CONNECTIONS = 16_384;

/** What one connection may take of the server; times in milliseconds, sizes in bytes. */
const BOUNDS = {
  /** For a request's headers to arrive, and for a new connection that sends nothing. */
  headersTimeout: 10_000,
  /** For a request to arrive in full. */
  requestTimeout: 30_000,
  /** For a connection to be idle between two requests. */
  keepAliveTimeout: 72_000,
  /** All headers together. */
  maxHeaderSize: 16_384,
  /** How often Node compares the connections with these times. */
  connectionsCheckingInterval: 5000,
};

/** How long a client may take for the TLS handshake, in milliseconds. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Node's own server, with the same bounds for HTTP and HTTPS: Fastify would leave them out with TLS.
 * @param certificate absent for plain HTTP
 */
export function createHttpServer(
  certificate: Certificate | undefined,
  onRequest: RequestListener,
): Server {
  const server = certificate
    ? createTlsServer(
        { ...BOUNDS, ...certificate, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
        onRequest,
      )
    : createServer(BOUNDS, onRequest);
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}
