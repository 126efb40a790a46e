import type { Logger } from 'pino';
import type {
  AbuseEvent,
  DecisionEvent,
  DecisionObserver,
  RefusalEvent,
} from '../../src/model/decision-observer.js';
import { describeCause } from '../../src/events/logging-observer.js';

/** Writes one line for each decision, each refusal and each abuse; never a token, and never a secret. */
export class AuditLog implements DecisionObserver {
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
    };
    this.logger[level](refusal);
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
