import type { INACTIVE_REASONS, InactiveReason } from '../../src/model/inactive-reason.js';

/** Why a caller gets no decision: as the event of the refusal has it, or its error code. */
export type Refusal = 'unknown_client' | 'client_disabled' | 'unauthorized_client';

/** What to do, by the reason why a token is inactive. */
const ADVICE: Readonly<Record<(typeof INACTIVE_REASONS)[number], string>> = {
  unrecognized:
    'It was not issued here, or is no longer stored, or was changed on the way: compare it with what was issued.',
  untrusted_issuer:
    'Correct the issuer that the token is issued under, or make it known here: ISSUER, ISSUER_ALIASES, TRUSTED_ISSUERS.',
  revoked: 'Issue a new token. A revocation cannot be undone.',
  expired: 'Get a new token. If it should have lasted longer, issue it with a longer lifetime.',
  not_yet_valid: 'Wait until it is valid, or compare the clocks of its issuer and of this server.',
  not_for_caller:
    'Issue the token for an audience of the caller, or give the caller the audience: client update.',
  client_unknown: 'Register the client that it was issued to, and issue a new token.',
  client_disabled: 'Enable the client that it was issued to: client enable.',
  malformed: 'Have its issuer correct the claim or header that has the wrong type.',
  algorithm_not_allowed: 'Have its issuer sign with one of the algorithms that are allowed here.',
  type_not_allowed: 'It says that it is no access token: present the access token instead.',
  critical_header: 'Have its issuer leave the header crit out: no extension is supported.',
  no_matching_key:
    'Publish the key that signed it, under its kid and alg, in the issuer’s JWK Set.',
  bad_signature: 'It was changed, or signed with a key that is not the issuer’s: do not trust it.',
};

/** What to do, by the reason why its caller is refused. */
const CALLER_ADVICE: Readonly<Record<Refusal, string>> = {
  unknown_client: 'The caller is refused with 401: register it, or correct its client id.',
  client_disabled: 'The caller is refused with 401: enable it: client enable.',
  unauthorized_client: 'The caller is refused with 403: let it introspect: client update.',
};

export function adviceFor(reason: InactiveReason): string {
  return ADVICE[reason as keyof typeof ADVICE];
}

export function callerAdvice(refusal: Refusal): string {
  return CALLER_ADVICE[refusal];
}
