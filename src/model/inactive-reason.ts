/** Why a token is inactive. All of them give the same answer on the wire; the reason stays private. */
export const INACTIVE_REASONS = [
  /** No strategy knows the token. */
  'unrecognized',
  /** It is a JSON Web Token whose `iss` is not trusted here, and no other strategy knows it. */
  'untrusted_issuer',
  'revoked',
  'expired',
  'not_yet_valid',
  'not_for_caller',
  'client_unknown',
  'client_disabled',
  'malformed',
  'algorithm_not_allowed',
  'type_not_allowed',
  'critical_header',
  'no_matching_key',
  'bad_signature',
] as const;

/** A reason of ours, or any other text from one of the host's own strategies. */
export type InactiveReason = (typeof INACTIVE_REASONS)[number] | (string & {});
