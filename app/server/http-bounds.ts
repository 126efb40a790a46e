/** Most connections of one process; more are closed as they come. An idle one takes some 10 kB. */
export const MOST_CONNECTIONS = 16_384;

/** What one connection may take of the server; times in milliseconds, sizes in bytes. */
export const HTTP_BOUNDS = {
  /** For a request to arrive in full. */
  requestTimeout: 30_000,
  /** For a connection between two requests. */
  keepAliveTimeout: 72_000,
  http: {
    /** For a request's headers, and for a new connection that says nothing. */
    headersTimeout: 10_000,
    /** All headers together. */
    maxHeaderSize: 16_384,
    /** How often connections are held against these times. */
    connectionsCheckingInterval: 5000,
  },
};
