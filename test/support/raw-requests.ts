/** Requests as they go over the wire, and parts of them. */
export interface RawRequests {
  /** A whole question about a token. */
  readonly request: (token: string, headers?: readonly string[], start?: string) => string;
  /** The same up to its body, for framings of a test's own. */
  readonly head: (...headers: readonly string[]) => string;
}

/** Those of a caller who sends this value of Authorization. */
export function rawRequests(authorization: string): RawRequests {
  const headAt = (start: string, headers: readonly string[]) =>
    [
      start,
      'Host: sts.example.com',
      `Authorization: ${authorization}`,
      'Content-Type: application/x-www-form-urlencoded',
      ...headers,
      '\r\n',
    ].join('\r\n');
  return {
    request: (token, headers = [], start = 'POST /introspect HTTP/1.1') => {
      const body = `token=${token}`;
      return headAt(start, [...headers, `Content-Length: ${body.length}`]) + body;
    },
    head: (...headers) => headAt('POST /introspect HTTP/1.1', headers),
  };
}
