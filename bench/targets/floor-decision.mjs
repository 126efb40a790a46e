import { hash, timingSafeEqual } from 'node:crypto';

/** Members of an answer that a token's own claims cannot replace. */
const STANDARD = new Set(
  'active client_id username scope sub aud iss exp iat nbf jti token_type cnf'.split(' '),
);

/** Decides, renders and sends the answers to a whole batch in one synchronous pass. */
export function settle(questions, rows, issuer) {
  const callers = byKey(rows.callers);
  const tokens = byKey(rows.tokens);
  const now = Date.now() / 1000;
  for (const question of questions) {
    decide(question, callers.get(question.clientId), tokens.get(question.key), now, issuer);
  }
}

function byKey(json) {
  const byKey = new Map();
  if (json !== null) for (const row of JSON.parse(json)) byKey.set(row.key, row);
  return byKey;
}

function decide({ secret, answer }, caller, token, now, issuer) {
  if (!caller || !hasSecret(caller, secret, now) || !caller.enabled) {
    answer(401, '{"error":"invalid_client"}');
  } else if (!caller.may_introspect) {
    answer(403, '{"error":"unauthorized_client"}');
  } else if (token && isActive(token, now) && mayKnow(caller, token)) {
    answer(200, active(token, issuer));
  } else {
    answer(200, '{"active":false}');
  }
}

/** Every secret is compared, so that the time tells nothing of which has matched. */
function hasSecret({ secrets }, presented, now) {
  const digest = Buffer.from(`$sha256$${hash('sha256', presented, 'base64url')}`);
  let matches = false;
  for (const secret of secrets ?? []) {
    if (secret.expires_at !== null && now >= secret.expires_at) continue;
    const stored = Buffer.from(secret.hash);
    if (stored.length === digest.length && timingSafeEqual(stored, digest)) matches = true;
  }
  return matches;
}

function isActive({ revoked, client_enabled, exp, nbf }, now) {
  return (
    !revoked &&
    client_enabled === true &&
    (exp === null || now < exp) &&
    (nbf === null || now >= nbf)
  );
}

function mayKnow({ key, any_audience, audiences }, { aud, client_id }) {
  return (
    aud.length === 0 ||
    any_audience ||
    client_id === key ||
    aud.some((audience) => audiences.includes(audience))
  );
}

function active(token, issuer) {
  const answer = { active: true, client_id: token.client_id };
  put(answer, 'username', token.username);
  put(answer, 'scope', token.scope);
  put(answer, 'sub', token.sub);
  if (token.aud.length > 0) answer.aud = token.aud;
  answer.iss = token.iss ?? issuer;
  put(answer, 'exp', token.exp);
  put(answer, 'iat', token.iat);
  put(answer, 'nbf', token.nbf);
  put(answer, 'jti', token.jti);
  answer.token_type = token.cnf?.jkt === undefined ? 'Bearer' : 'DPoP';
  put(answer, 'cnf', token.cnf);
  for (const [name, value] of Object.entries(token.claims ?? {})) {
    if (!STANDARD.has(name)) put(answer, name, value);
  }
  answer.extended_claims = token.extended_claims ?? {};
  return JSON.stringify(answer);
}

/** What is not known is absent from the answer. */
function put(answer, name, value) {
  if (value !== null) answer[name] = value;
}
