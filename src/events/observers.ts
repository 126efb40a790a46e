import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { DecisionObserver } from '../model/decision-observer.js';
import type { AbuseEvent, DecisionEvent, RefusalEvent } from '../model/decision-observer.js';
import { LogLine } from './log-line.js';
import { describeCause } from './logging-observer.js';
import { TracingObserver } from './tracing-observer.js';

/** Passes each event to the observers that the host has bound, and to OpenTelemetry where it is installed. */
@Injectable()
export class Observers {
  readonly #logger = new Logger('Introspection');
  readonly #all: readonly DecisionObserver[];

  constructor(
    @Inject(DecisionObserver) bound: DecisionObserver | readonly DecisionObserver[],
    @Optional() tracing?: TracingObserver,
  ) {
    this.#all = [bound, tracing ?? []].flat();
  }

  decided(event: DecisionEvent): void {
    this.tell('decided', event);
  }

  refused(event: RefusalEvent): void {
    this.tell('refused', event);
  }

  abused(event: AbuseEvent): void {
    this.tell('abused', event);
  }

  /** No answer waits for an observer, and none fails because an observer fails. */
  private tell(
    what: keyof DecisionObserver,
    event: DecisionEvent | RefusalEvent | AbuseEvent,
  ): void {
    for (const observer of this.#all) {
      try {
        const result: unknown = observer[what]?.(event as never);
        if (result instanceof Promise) result.catch((failure: unknown) => this.report(failure));
      } catch (failure) {
        this.report(failure);
      }
    }
  }

  private report(failure: unknown): void {
    const cause = describeCause(failure);
    this.#logger.error(new LogLine({ event: 'observer_failure', cause }));
  }
}
