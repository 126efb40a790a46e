/** Faults in what connections may take, over HTTP and HTTPS, and in what is begun behind a request. */
export const HTTP_FAULTS = [
  {
    name: 'the bounds of HTTP left out over TLS',
    file: 'app/server/http-server.ts',
    from: 'createTlsServer({ ...bounds, ...certificate }, listener)',
    to: 'createTlsServer({ handshakeTimeout: bounds.handshakeTimeout, ...certificate }, listener)',
    tests: 'connection-bounds',
  },
  {
    name: 'a handshake that may take as long as it likes',
    file: 'app/server/http-server.ts',
    from: 'createTlsServer({ ...bounds, ...certificate }, listener)',
    to: 'createTlsServer({ ...bounds, ...certificate, handshakeTimeout: 120_000 }, listener)',
    tests: 'connection-bounds',
  },
  {
    name: 'any number of requests of a connection at once',
    file: 'app/server/http-server.ts',
    from: 'if (count >= bounds.mostUnanswered) makeLast(request, response);',
    to: '',
    tests: 'connection-bounds',
  },
  {
    name: 'a request that is hidden behind HTTP/1.0 with Transfer-Encoding',
    file: 'src/http/last-request.ts',
    from: "httpVersion === '1.0' && headers['transfer-encoding'] !== undefined",
    to: "httpVersion === '0.9' && headers['transfer-encoding'] !== undefined",
    tests: 'a-wire',
  },
];
