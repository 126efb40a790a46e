import type { HttpRequest } from './raw-request.js';
import type { Client } from '../model/client.js';

const CALLER = Symbol('introspection caller');
type Authenticated = HttpRequest & { [CALLER]?: Client };

/** Keeps who asks on the request, beside `request.user`, which hosts have uses of their own for. */
export function setCaller(request: HttpRequest, client: Client): void {
  (request as Authenticated)[CALLER] = client;
}

/** The client that asks. @returns `undefined` until it is authenticated. */
export function callerOf(request: HttpRequest): Client | undefined {
  return (request as Authenticated)[CALLER];
}
