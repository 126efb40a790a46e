import { Injectable, Logger } from '@nestjs/common';
import type {
  AbuseEvent,
  DecisionEvent,
  DecisionObserver,
  RefusalEvent,
} from '../model/decision-observer.js';
import { LogLine } from './log-line.js';

/** Logs in the host's own log: decisions with their reasons, and refusals (debug); failures (error); abuse (warn). */
@Injectable()
export class LoggingObserver implements DecisionObserver {
  readonly #logger = new Logger('Introspection');

  decided(event: DecisionEvent): void {
    this.#logger.debug(new LogLine(event));
  }

  refused({ error, ...event }: RefusalEvent): void {
    const refusal = { error: error.code, status: error.status, ...event };
    if (error.status < 500) return this.#logger.debug(new LogLine(refusal));
    this.#logger.error(new LogLine({ ...refusal, cause: describeCause(error.cause) }));
  }

  abused(event: AbuseEvent): void {
    this.#logger.warn(new LogLine(event));
  }
}

/**
 * A failure's name and message. Not the whole object: a query error has the parameters of its query,
 * which must not be logged.
 */
export function describeCause(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
