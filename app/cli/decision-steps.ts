import type { IntrospectionSettings } from '../../src/config/settings.js';
import type { Decision } from '../../src/decision/decider.js';
import { parseCompactJws } from '../../src/jwt/compact-jws.js';
import type { UnverifiedJwt } from '../../src/jwt/compact-jws.js';
import type { Caller } from '../../src/model/client.js';
import type { InactiveReason } from '../../src/model/inactive-reason.js';
import type { TokenRecord } from '../../src/model/token-record.js';
import { quoted, timeText } from './texts.js';
import type { Asked } from './traced-decision.js';

/** One step of a decision. `skipped`: an earlier step has failed, or nobody was named to ask for. */
export interface Step {
  readonly step: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}

/** What the steps tell of. */
export interface Explained {
  readonly token: string;
  readonly decision: Decision;
  readonly asked: Asked;
  readonly settings: IntrospectionSettings;
  /** Absent: the decision was made for a caller that may see every audience. */
  readonly caller: Caller | undefined;
  readonly revokedAt: Date | undefined;
}

/** A step, the reasons that it can fail for, and what there is to say of it. */
type Check = readonly [step: string, reasons: readonly InactiveReason[], detail: string];

/** The steps of the decision on a token, in the order in which they are made. */
export function decisionSteps(explained: Explained): Step[] {
  const { decision, asked } = explained;
  const reason = decision.active ? undefined : decision.reason;
  const jwt = asked.isStored ? undefined : parseCompactJws(explained.token);
  const checks = [...kindChecks(explained, jwt), ...tokenChecks(explained)];
  const failed = checks.findIndex(
    ([, reasons]) => reason !== undefined && reasons.includes(reason),
  );
  return checks.map(([step, , detail], at) => ({ step, outcome: outcomeOf(at), detail }));

  function outcomeOf(at: number): Step['outcome'] {
    if (failed >= 0 && at >= failed) return at === failed ? 'failed' : 'skipped';
    return checks[at]![0] === 'audience' && !explained.caller ? 'skipped' : 'passed';
  }
}

/** What differs by the kind of token. */
function kindChecks({ asked, settings }: Explained, jwt: UnverifiedJwt | undefined): Check[] {
  if (asked.isStored) return [['kind', [], 'an opaque token that is stored here']];
  if (!jwt) return [['kind', ['unrecognized'], 'no token that is stored here, and no JWT']];
  const { alg, kid, typ, crit } = jwt.header;
  const header = Object.entries({ alg, kid, typ, crit }).filter(([, value]) => value !== undefined);
  const areKeysAsked = asked.matchingKeys !== undefined;
  return [
    ['kind', [], 'a JSON Web Token'],
    ['issuer', ['unrecognized', 'untrusted_issuer'], issuerDetail(asked, settings)],
    [
      'header',
      [
        'algorithm_not_allowed',
        'critical_header',
        'type_not_allowed',
        // Before the keys are asked it is the header that is malformed, after that the claims.
        ...(areKeysAsked ? [] : ['malformed']),
      ],
      header.map(([name, value]) => `${name} ${quoted(value)}`).join(', '),
    ],
    [
      'key',
      ['no_matching_key'],
      areKeysAsked ? `${asked.matchingKeys} of the issuer's keys fit` : '',
    ],
    ['signature', ['bad_signature'], ''],
    ['claims', ['malformed'], ''],
  ];
}

/** What is the same for every token, of which nothing is said before it is known to be genuine. */
function tokenChecks({ decision, asked, caller, revokedAt }: Explained): Check[] {
  const { token } = decision;
  return [
    ['revocation', ['revoked'], revokedAt ? `revoked at ${timeText(revokedAt)}` : ''],
    ['client', ['client_unknown', 'client_disabled'], token ? clientDetail(token, asked) : ''],
    ['audience', ['not_for_caller'], token ? audienceDetail(token, caller) : ''],
    ['time', ['expired', 'not_yet_valid'], token ? timeDetail(token) : ''],
  ];
}

function issuerDetail({ issuer }: Asked, settings: IntrospectionSettings): string {
  if (!issuer) return 'the token names no issuer';
  const name = quoted(issuer.name);
  if (settings.ownIssuers.has(issuer.name)) {
    return issuer.isTrusted ? `${name} is this server's` : `${name} is this server's, without keys`;
  }
  if (issuer.isTrusted) return `${name} is trusted`;
  const trusted = [...settings.ownIssuers, ...settings.trustedIssuers.map((one) => one.issuer)];
  return `${name} is none of ${trusted.map(quoted).join(', ')}`;
}

function clientDetail({ clientId, origin, iat }: TokenRecord, asked: Asked): string {
  if (clientId === undefined) return 'the token names no client';
  // The decision may have ended before it asked.
  if (!('client' in asked)) return '';
  const name = quoted(clientId);
  if (!asked.client) {
    return origin === 'own'
      ? `there is no client ${name}`
      : `${name} is not registered here, and need not be`;
  }
  const { tokensFrom, enabled } = asked.client;
  const state = `${name} is ${enabled ? 'enabled' : 'disabled'}`;
  if (origin !== 'own' || tokensFrom === undefined) return state;
  const deleted = `its id was deleted at ${timeText(tokensFrom)} and registered again`;
  return `${state}; ${deleted}; the token was issued at ${timeText(iat)}`;
}

function audienceDetail({ aud }: TokenRecord, caller: Caller | undefined): string {
  const token =
    aud.length > 0
      ? `the token is for ${aud.map(quoted).join(', ')}`
      : 'the token names no audience';
  if (!caller) return `${token}; name a caller with --as`;
  if (caller.anyAudience) return `${token}; ${quoted(caller.clientId)} may see any`;
  const own = caller.audiences.map(quoted).join(', ') || 'none';
  return `${token}; ${quoted(caller.clientId)} is ${own}`;
}

function timeDetail({ iat, nbf, exp }: TokenRecord): string {
  const times = { 'issued at': iat, 'valid from': nbf, 'expires at': exp };
  const known = Object.entries(times).filter(([, seconds]) => seconds !== undefined);
  return known.map(([what, seconds]) => `${what} ${timeText(seconds)}`).join(', ');
}
