import { createHash } from 'node:crypto';
import pg from 'pg';

/** Finds tokens one by one, each with a query of its own, through pg on one connection. */
export async function tokenQuery(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return { find, end: () => client.end() };

  async function find(token) {
    const { rows } = await client.query({
      name: 'find',
      text: `SELECT t.*, c.enabled FROM opaque_token t JOIN client c ON c.client_id = t.client_id
             WHERE t.token_hash = $1`,
      values: [createHash('sha256').update(token).digest()],
    });
    if (rows.length !== 1) throw new Error('A token is missing.');
  }
}
