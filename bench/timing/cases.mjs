import { join } from 'node:path';
import { AUDIENCE, CLIENT, ISSUED_AT, tokenText } from '../fixtures.mjs';
import { root } from '../setup.mjs';
import { connect } from './connection.mjs';

/** Of the same length as the ids and the secret of those that exist. */
const SECRET = CLIENT.secret;
const OTHER_SECRET = [...SECRET].reverse().join('');

/**
 * Groups of questions whose answers are the same, byte for byte.
 * `share`: of the rounds. `then`: what is done after each question was asked once.
 */
export const CASES = [
  {
    title: 'Callers that are refused',
    share: 1,
    questions: refused('timing-enabled-', 'timing-disabled'),
  },
  {
    title: 'Tokens that are inactive',
    share: 1,
    questions: {
      unknown: { token: tokenText(9).replace('bench', 'nobod') },
      expired: { token: tokenText(1) },
      revoked: { token: tokenText(2) },
      'not yours': { token: tokenText(3) },
    },
  },
  {
    title: 'Callers that are refused, secrets that somebody chose',
    share: 0.02,
    // The disabled one was let in before, so its right secret is known to be right.
    questions: refused('timing-chosen--', 'timing-switched'),
    then: "UPDATE client SET enabled = false WHERE client_id = 'timing-switched'",
  },
];

function refused(enabled, disabled) {
  return {
    'unknown client': { clientId: 'timing-unknown-', secret: SECRET },
    'wrong secret': { clientId: enabled, secret: OTHER_SECRET },
    'disabled client': { clientId: disabled, secret: SECRET },
  };
}

/** Makes what the questions need. @returns them by name, each as the bytes of a request */
export async function prepare(client, server, questions, then) {
  await insert(client);
  const requests = Object.entries(questions).map(([name, question]) => [
    name,
    bytesOf(server, question),
  ]);
  if (then) {
    const connection = await connect(server);
    for (const [, bytes] of requests) await connection.ask(bytes);
    connection.end();
    await client.query(then);
  }
  return new Map(requests);
}

async function insert(client) {
  const { hashChosenSecret, hashSecret } = await import(
    join(root, 'dist', 'src', 'clients', 'secret-hash.js')
  );
  const generated = hashSecret(SECRET);
  const chosen = await hashChosenSecret(SECRET);
  for (const [id, enabled, hash] of [
    ['timing-enabled-', true, generated],
    ['timing-disabled', false, generated],
    ['timing-chosen--', true, chosen],
    ['timing-switched', true, chosen],
  ]) {
    const { rowCount } = await client.query(
      'INSERT INTO client (client_id, enabled, audiences) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [id, enabled, [AUDIENCE]],
    );
    // One secret each: every further one that somebody chose is another slow comparison.
    if (rowCount === 0) continue;
    await client.query('INSERT INTO client_secret (client_id, hash) VALUES ($1, $2)', [id, hash]);
  }
  const change = (token, assignment, ...values) =>
    client.query(
      `UPDATE opaque_token SET ${assignment} WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
      [tokenText(token), ...values],
    );
  await change(1, 'exp = $2', ISSUED_AT);
  await change(2, 'revoked_at = now()');
  // The caller must not be the client that it was issued to either.
  await change(3, "client_id = 'timing-enabled-', aud = ARRAY[$2]", AUDIENCE.replace('api', 'not'));
}

function bytesOf({ url }, { clientId = CLIENT.id, secret = SECRET, token = tokenText(0) }) {
  const body = new URLSearchParams({ token_type_hint: 'access_token', token }).toString();
  const credentials = Buffer.from(`${clientId}:${secret}`).toString('base64');
  return Buffer.from(
    [
      'POST /introspect HTTP/1.1',
      `Host: ${new URL(url).host}`,
      `Authorization: Basic ${credentials}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
}
