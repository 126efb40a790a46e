import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections that are closed with the answer to this request. Over HTTP/2 each request has a socket object of its own. */
const lastRequests = new WeakMap<Socket, IncomingMessage>();

/** Closes the connection with the answer, and begins no request that comes behind this one. */
export function makeLast(request: IncomingMessage, response: ServerResponse): void {
  // What a host has answered already closes nothing.
  if (response.headersSent) return;
  response.shouldKeepAlive = false;
  lastRequests.set(request.socket, request);
}

/**
 * Whether a request may be begun. Behind the last one of its connection none is: Node reads on until the
 * connection is closed, and what it finds there may be the content of another request (smuggling).
 */
export function mayBegin(request: IncomingMessage, response: ServerResponse): boolean {
  const last = lastRequests.get(request.socket);
  if (last === undefined && isFramedWrongly(request)) makeLast(request, response);
  return last === undefined || last === request;
}

/** HTTP/1.0 has no Transfer-Encoding: who sends it may see the request's end elsewhere (RFC 9112 §6.1). */
function isFramedWrongly({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.0' && headers['transfer-encoding'] !== undefined;
}
