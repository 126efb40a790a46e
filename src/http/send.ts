import type { ServerResponse } from 'node:http';
import type { HttpRequest } from './raw-request.js';
import { REQUEST_ID_HEADER } from './request-id.js';

/** What both adapters' response objects have in common with what we need of them. */
export type HttpResponse = FastifyReplyLike | ServerResponse;

interface FastifyReplyLike {
  readonly raw: ServerResponse;
  readonly request: HttpRequest;
  code(status: number): this;
  header(name: string, value: string): this;
  headers(values: Readonly<Record<string, string>>): this;
  serializer(serialize: (payload: string) => string): this;
  send(payload: string): unknown;
}

// RFC 7662 §2.2 has no cache rule of its own; RFC 6749 §5.1 has this pair for everything with tokens.
const ALWAYS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-store',
  Pragma: 'no-cache',
};

const ALWAYS_LIST = Object.entries(ALWAYS).flat();

/**
 * Answers with JSON text, the same bytes on either adapter, and with the request's id. The endpoint
 * answers through this alone and returns nothing to Nest, so that a host's interceptors cannot wrap
 * or change the answer.
 */
export function send(
  response: HttpResponse,
  requestId: string,
  status: number,
  json: string,
  headers?: Readonly<Record<string, string>>,
): void {
  // A host's middleware may have answered in our place, after a time limit for example.
  if (('raw' in response ? response.raw : response).headersSent) return;
  if (!('raw' in response)) return sendRaw(response, requestId, status, json, headers);
  const reply = response.code(status).headers(ALWAYS);
  if (headers) reply.headers(headers);
  reply
    .header(REQUEST_ID_HEADER, requestId)
    // Without one, Fastify adds a charset parameter to the content type.
    .serializer(asItIs)
    .send(json);
}

function asItIs(json: string): string {
  return json;
}

/** The same answer on Node's own response. */
function sendRaw(
  response: ServerResponse,
  requestId: string,
  status: number,
  json: string,
  headers?: Readonly<Record<string, string>>,
): void {
  // A flat list costs Node less than an object.
  const list = [...ALWAYS_LIST, REQUEST_ID_HEADER, requestId];
  list.push('Content-Length', String(Buffer.byteLength(json)));
  for (const name in headers) list.push(name, headers[name]!);
  writeHead(response, status, list);
  // As a string it goes out in one write with the headers.
  response.end(json);
}

/** Middleware that wraps `writeHead`, with on-headers before 1.1, knows headers that were set, and no such list. */
function writeHead(response: ServerResponse, status: number, list: string[]): void {
  if (!Object.hasOwn(response, 'writeHead')) return void response.writeHead(status, list);
  for (let i = 0; i < list.length; i += 2) response.setHeader(list[i]!, list[i + 1]!);
  response.writeHead(status);
}
