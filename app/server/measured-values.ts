import { INACTIVE_REASONS } from '../../src/model/inactive-reason.js';
import type { OAuthError, OAuthErrorCode } from '../../src/model/oauth-error.js';

/** The label for what is not in these lists: a host's strategy may give any reason, its guard any status. */
export const OTHER_LABEL = 'other';

/** The labels for the reasons why a token is inactive. */
export const REASON_LABELS: ReadonlySet<string> = new Set([...INACTIVE_REASONS, OTHER_LABEL]);

/** The error answers: code and HTTP status. */
export const ERROR_ANSWERS: readonly (readonly [
  OAuthErrorCode | typeof OTHER_LABEL,
  number | string,
])[] = [
  ['invalid_request', 400],
  ['invalid_request', 405],
  ['invalid_request', 413],
  ['invalid_request', 415],
  ['invalid_request', 431],
  ['invalid_client', 401],
  ['unauthorized_client', 403],
  ['unsupported_token_type', 400],
  ['invalid_token', 400],
  ['temporarily_unavailable', 429],
  ['temporarily_unavailable', 503],
  [OTHER_LABEL, OTHER_LABEL],
];

const known = new Map(
  ERROR_ANSWERS.map(([outcome, status]) => [`${outcome} ${status}`, { outcome, status }]),
);

export function outcomeOf({ code, status }: OAuthError) {
  return known.get(`${code} ${status}`) ?? { outcome: OTHER_LABEL, status: OTHER_LABEL };
}
