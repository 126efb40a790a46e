// One unbatched query for one token after the other, through pg, on one connection.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { tokenText } from '../fixtures.mjs';
import { loop } from './loop.mjs';

const { DATABASE_URL, TOKENS } = process.env;

const client = new pg.Client({ connectionString: DATABASE_URL });
await client.connect();
await loop(async () => {
  const token = tokenText(Math.floor(Math.random() * Number(TOKENS)));
  const { rows } = await client.query({
    name: 'find',
    text: `SELECT t.*, c.enabled FROM opaque_token t JOIN client c ON c.client_id = t.client_id
           WHERE t.token_hash = $1`,
    values: [createHash('sha256').update(token).digest()],
  });
  if (rows.length !== 1) throw new Error('A token is missing.');
});
await client.end();
