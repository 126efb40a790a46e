import type { ServerResponse } from 'node:http';

/** What both adapters' response objects have in common with what we need of them. */
export type HttpResponse = FastifyReplyLike | ServerResponse;

interface FastifyReplyLike {
  readonly raw: ServerResponse;
  code(status: number): this;
  headers(values: Record<string, string>): this;
  send(payload: Buffer): unknown;
}

// RFC 7662 §2.2 has no cache rule of its own; RFC 6749 §5.1 has this pair for everything with tokens.
const ALWAYS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  Pragma: 'no-cache',
};

/**
 * Answers with JSON text, the same bytes on either adapter. The endpoint answers through this alone
 * and returns nothing to Nest, so that a host's interceptors cannot wrap or change the answer.
 */
export function send(
  response: HttpResponse,
  status: number,
  json: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  // A Buffer, because Fastify adds a charset parameter to the content type of a string.
  const payload = Buffer.from(json);
  if ('raw' in response) {
    response
      .code(status)
      .headers({ ...ALWAYS, ...headers })
      .send(payload);
  } else {
    sendRaw(response, status, payload, headers);
  }
}

/** The same answer on Node's own response, where no adapter is at hand yet. */
export function sendRaw(
  response: ServerResponse,
  status: number,
  payload: Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...ALWAYS,
    ...headers,
    'Content-Length': String(payload.length),
  });
  response.end(payload);
}
