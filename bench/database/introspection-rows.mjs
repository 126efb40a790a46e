import { join } from 'node:path';
import {
  AUDIENCE,
  CLIENT,
  EXPIRES_AT,
  ISSUED_AT,
  ISSUER,
  SCOPE,
  TOKEN_DIGITS,
  TOKEN_PREFIX,
} from '../fixtures.mjs';
import { root } from '../setup.mjs';

export async function insertClient(client) {
  const { hashSecret } = await import(join(root, 'dist', 'src', 'clients', 'secret-hash.js'));
  await client.query('INSERT INTO client (client_id, audiences) VALUES ($1, ARRAY[$2])', [
    CLIENT.id,
    AUDIENCE,
  ]);
  await client.query('INSERT INTO client_secret (client_id, hash) VALUES ($1, $2)', [
    CLIENT.id,
    hashSecret(CLIENT.secret),
  ]);
}

/** In the order of the keys, which fills the index some ten times faster. */
export async function insertTokens(client, first, last) {
  await insert(client, TOKEN_PREFIX, EXPIRES_AT, first, last);
}

/** Rows for a purge to delete: they expired long ago, each at a time of its own. */
export async function insertExpiredTokens(client, count) {
  await insert(client, `expired-${Date.now()}-`, ISSUED_AT - count, 0, count - 1);
}

async function insert(client, prefix, expiry, first, last) {
  await client.query(
    `INSERT INTO opaque_token (token_hash, client_id, username, sub, scope, aud, iss, iat, exp)
     SELECT sha256(convert_to($1 || lpad(i::text, ${TOKEN_DIGITS}, '0'), 'UTF8')), $2,
            'user' || lpad(i::text, 8, '0') || '@example.com', 'user-' || lpad(i::text, 8, '0'),
            $3, ARRAY[$4], $5, $6::bigint, $7::bigint + i
     FROM generate_series($8::bigint, $9::bigint) AS i
     ORDER BY 1`,
    [prefix, CLIENT.id, SCOPE, AUDIENCE, ISSUER, ISSUED_AT, expiry, first, last],
  );
}
