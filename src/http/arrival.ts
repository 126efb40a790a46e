import { rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';

const ARRIVAL = Symbol('introspection arrival');
type Arrived = { [ARRIVAL]?: number };

/** When a request came to the endpoint, on the clock of `performance.now()`; the first call decides. */
export function arrivalOf(request: HttpRequest): number {
  return ((rawRequest(request) as Arrived)[ARRIVAL] ??= performance.now());
}

/** How long ago that was, in milliseconds. */
export function durationOf(request: HttpRequest): number {
  const arrival = arrivalOf(request);
  return performance.now() - arrival;
}
