import type { Logger } from 'pino';
import type {
  AbuseEvent,
  DecisionEvent,
  DecisionObserver,
  RefusalEvent,
} from '../../src/model/decision-observer.js';
import { describeCause } from '../../src/events/logging-observer.js';
import { LineBudget } from './line-budget.js';

/** Most lines in a second for refusals of callers that are not authenticated, and for failures of ours. */
const REFUSALS_PER_SECOND = 50;
const FAILURES_PER_SECOND = 50;

/** Writes a line for each decision, each refusal and each abuse; never a token, and never a secret. */
export class AuditLog implements DecisionObserver {
  readonly #refusals = new LineBudget(REFUSALS_PER_SECOND);
  readonly #failures = new LineBudget(FAILURES_PER_SECOND);

  constructor(private readonly logger: Logger) {}

  decided({ active, reason, callerId, clientId, requestId, durationMs }: DecisionEvent): void {
    if (!this.logger.isLevelEnabled('info')) return;
    this.logger.info({
      event: 'introspection',
      request_id: requestId,
      caller: callerId,
      token_client: clientId,
      active,
      reason,
      duration_ms: rounded(durationMs),
    });
  }

  refused({ error, requestId, durationMs, ...event }: RefusalEvent): void {
    const level = levelOf(event, error.status);
    if (!this.logger.isLevelEnabled(level)) return;
    const line = this.lineFor(event, error.status);
    if (!line) return;
    const refusal = {
      event: 'refusal',
      request_id: requestId,
      caller: event.callerId,
      claimed_client: event.claimedClientId,
      address: event.address,
      fault: event.fault,
      error: error.code,
      status: error.status,
      duration_ms: rounded(durationMs),
      ...(error.cause === undefined ? {} : { cause: describeCause(error.cause) }),
      // So many lines of this kind had no place in the second before.
      ...(line.leftOut === 0 ? {} : { left_out: line.leftOut }),
    };
    this.logger[level](refusal);
  }

  private lineFor({ callerId }: Pick<RefusalEvent, 'callerId'>, status: number) {
    if (status >= 500) return this.#failures.take();
    return callerId === undefined ? this.#refusals.take() : { leftOut: 0 };
  }

  abused(event: AbuseEvent): void {
    this.logger.warn(
      event.kind === 'guessing'
        ? {
            event: 'guessing',
            address: event.address,
            failures: event.failures,
            blocked_seconds: event.seconds,
          }
        : {
            event: 'scanning',
            caller: event.callerId,
            asked: event.asked,
            unknown_tokens: event.unknownTokens,
          },
    );
  }
}

/**
 * What is refused while it is blocked is not worth a line for everybody who reads: the block was reported
 * when it began, and a stranger could fill the disk.
 */
function levelOf({ fault }: Pick<RefusalEvent, 'fault'>, status: number) {
  if (status >= 500) return 'error';
  return fault === 'blocked' ? 'debug' : 'info';
}

/** Rounds to a microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
