import type { Tracer } from '@opentelemetry/api';
import type { DecisionEvent, DecisionObserver, RefusalEvent } from '../model/decision-observer.js';

type Api = typeof import('@opentelemetry/api');

/** The value of SpanStatusCode.ERROR, a const enum of the API. */
const ERROR = 2;

/**
 * Makes one OpenTelemetry span for each introspection, a child of the host's active span. The span is made
 * when the introspection is over. It needs no children: one query serves many requests, so its span would
 * belong to none of them. While the host has no tracer provider, the API's own tracer records nothing.
 */
export class TracingObserver implements DecisionObserver {
  readonly #tracer: Tracer;

  constructor({ trace }: Api) {
    this.#tracer = trace.getTracer('nestjs-token-introspection');
  }

  decided({ active, durationMs }: DecisionEvent): void {
    this.span(active ? 'active' : 'inactive', 200, durationMs);
  }

  refused({ error: { code, status }, durationMs }: RefusalEvent): void {
    this.span(code, status, durationMs);
  }

  private span(outcome: string, status: number, durationMs: number): void {
    const end = Date.now();
    const span = this.#tracer.startSpan('introspection', {
      startTime: end - durationMs,
      attributes: { 'introspection.outcome': outcome, 'http.response.status_code': status },
    });
    if (status >= 500) span.setStatus({ code: ERROR });
    span.end(end);
  }
}

/** @returns `undefined` where the host has not installed `@opentelemetry/api`. */
export async function tracingObserver(): Promise<TracingObserver | undefined> {
  try {
    return new TracingObserver(await import('@opentelemetry/api'));
  } catch (error) {
    // The second code is that of require(), which Jest makes of import().
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
