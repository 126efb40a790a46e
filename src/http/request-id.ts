import { randomUUID } from 'node:crypto';
import { rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';

/** The header that a request's id is answered in. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

/** What may stand in a header and in a log as it is. */
const PLAIN = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * The name of a request in its answer, in events and in logs: what the adapter or the host's
 * middleware calls it, else the `X-Request-Id` that a proxy or the client sent, else a UUID. An id
 * that is longer than 128 characters, or has others than letters, digits, `.`, `_` and `-`, is
 * passed over. It is for finding a request, and proves nothing: a client may send one id twice.
 */
export function requestIdOf(request: HttpRequest): string {
  const { id } = request as { id?: unknown };
  return (
    plain(typeof id === 'number' ? String(id) : id) ??
    plain(rawRequest(request).headers['x-request-id']) ??
    randomUUID()
  );
}

function plain(id: unknown): string | undefined {
  return typeof id === 'string' && PLAIN.test(id) ? id : undefined;
}
