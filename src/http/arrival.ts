import { setTimeout } from 'node:timers';
import { rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';

/** How long after its arrival a request is refused, in milliseconds, at the least. */
const REFUSED_AFTER = 5;

interface Arrival {
  /** On the clock of `performance.now()`. */
  readonly at: number;
  readonly refusal: Promise<void>;
}
const ARRIVAL = Symbol('introspection arrival');
type Arrived = { [ARRIVAL]?: Arrival };

/** When a request came to the endpoint, on the clock of `performance.now()`; the first call decides. */
export function arrivalOf(request: HttpRequest): number {
  return arrival(request).at;
}

/** How long ago that was, in milliseconds. */
export function durationOf(request: HttpRequest): number {
  const since = arrivalOf(request);
  return performance.now() - since;
}

/**
 * Waits until a request may be refused, or its token be called inactive. The time for that is set
 * when the request arrives, before anything is known of it, so that by the time of its answer nobody
 * can tell why: not an unknown client from a wrong secret, nor an unknown token from a revoked one.
 */
export function refusalTime(request: HttpRequest): Promise<void> {
  return arrival(request).refusal;
}

function arrival(request: HttpRequest): Arrival {
  return ((rawRequest(request) as Arrived)[ARRIVAL] ??= arriving());
}

/** Requests of one millisecond share a timer. */
let latest: Arrival | undefined;

function arriving(): Arrival {
  const at = performance.now();
  const isShared = latest !== undefined && Math.floor(latest.at) === Math.floor(at);
  const refusal = isShared
    ? latest!.refusal
    : new Promise<void>((resolve) => void setTimeout(resolve, REFUSED_AFTER));
  return (latest = { at, refusal });
}
