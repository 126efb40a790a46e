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

  refused({ error, callerId, requestId, durationMs }: RefusalEvent): void {
    const refusal = {
      event: 'refusal',
      request_id: requestId,
      caller: callerId,
      error: error.code,
      status: error.status,
      duration_ms: rounded(durationMs),
      ...(error.cause === undefined ? {} : { cause: describeCause(error.cause) }),
    };
    this.logger[error.status < 500 ? 'info' : 'error'](refusal);
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

/** Rounds to a microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
