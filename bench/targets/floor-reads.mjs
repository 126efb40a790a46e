import pg from 'pg';

/** Most statements at a time, each on a connection of its own. */
const MOST_IN_FLIGHT = 2;

/** How many questions are worth a second statement while one runs; fewer gather until it is there. */
const WORTH_ANOTHER = 16;

/** The server's own reads: callers by id and tokens by digest, each kind's rows as one JSON text. */
const READ = {
  name: 'read',
  text: `
    SELECT (SELECT json_agg(r) FROM (
              SELECT c.client_id AS key, c.name, c.enabled, c.may_introspect, c.audiences, c.any_audience,
                     (SELECT json_agg(json_build_object('hash', s.hash,
                                                        'expires_at', extract(epoch FROM s.expires_at)::float8))
                      FROM client_secret s WHERE s.client_id = c.client_id) AS secrets
              FROM client c
              WHERE c.client_id = ANY($1::text[])) r)::text AS callers,
           (SELECT json_agg(r) FROM (
              SELECT encode(t.token_hash, 'hex') AS key, t.client_id, t.username, t.sub, t.scope, t.aud, t.iss,
                     t.iat, t.nbf, t.exp, t.jti, t.cnf, t.claims, t.extended_claims,
                     t.revoked_at IS NOT NULL AS revoked, c.enabled AS client_enabled
              FROM opaque_token t LEFT JOIN client c ON c.client_id = t.client_id
              WHERE t.token_hash = ANY($2::bytea[])) r)::text AS tokens`,
};

/**
 * Reads for all who ask in the same turn of the event loop with one prepared statement. A question
 * joins only until that statement is sent, so that no answer is older than its request.
 * @param {(questions: object[], rows: { callers: string | null, tokens: string | null }) => void} settle
 * @returns {(question: { clientId: string, digest: Buffer, answer: Function }) => void}
 */
export function batchedReads(connectionString, settle) {
  const pool = new pg.Pool({ connectionString, max: MOST_IN_FLIGHT });
  let questions = [];
  let scheduled = false;
  let inFlight = 0;

  return (question) => {
    questions.push(question);
    sendOrWait();
  };

  function sendOrWait() {
    if (scheduled || questions.length === 0 || inFlight >= MOST_IN_FLIGHT) return;
    if (inFlight > 0 && questions.length < WORTH_ANOTHER) return;
    scheduled = true;
    setImmediate(send);
  }

  function send() {
    const batch = questions;
    questions = [];
    scheduled = false;
    inFlight++;
    const clientIds = new Set(batch.map(({ clientId }) => clientId));
    const values = [[...clientIds], batch.map(({ digest }) => digest)];
    pool.query({ ...READ, values }, (error, result) => {
      inFlight--;
      if (error) refuse(batch);
      else settle(batch, result.rows[0]);
      sendOrWait();
    });
  }
}

function refuse(batch) {
  for (const { answer } of batch) answer(503, '{"error":"temporarily_unavailable"}');
}
