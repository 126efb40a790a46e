import type { IncomingMessage } from 'node:http';

/** A request object of either adapter: Fastify's wraps Node's, Express's is Node's. */
export type HttpRequest = IncomingMessage | { readonly raw: IncomingMessage };

export function rawRequest(request: HttpRequest): IncomingMessage {
  return 'raw' in request ? request.raw : request;
}

/**
 * Every value of one header, in order. Node keeps only the first `Authorization` in `headers`, which
 * would let a second one pass unseen (RFC 9110 §5.3).
 */
export function headerValues(request: IncomingMessage, name: string): string[] {
  const values: string[] = [];
  const raw = request.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const header = raw[i] as string;
    if (header.length === name.length && header.toLowerCase() === name) {
      values.push(raw[i + 1] as string);
    }
  }
  return values;
}

/** Where Node begins to leave headers out by default, in names and values. */
const NODE_SHOWS = 2000;

/**
 * Whether there are so many headers that Node may not show them all: then a second `Authorization` or a
 * `Transfer-Encoding` can be among those that are missing.
 */
export function hasTooManyHeaders({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length >= NODE_SHOWS;
}
