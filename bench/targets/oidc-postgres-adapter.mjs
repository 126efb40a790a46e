import pg from 'pg';

/** An adapter for oidc-provider: one named query for each find, as fast as pg's pool goes. */
export function postgresAdapter(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 10 });
  return class PostgresAdapter {
    constructor(model) {
      this.model = model;
    }

    async find(id) {
      const { rows } = await pool.query({
        name: 'find',
        text: 'SELECT payload FROM oidc_payload WHERE model = $1 AND id = $2',
        values: [this.model, id],
      });
      return rows[0]?.payload;
    }

    async upsert(id, payload) {
      await pool.query(
        `INSERT INTO oidc_payload VALUES ($1, $2, $3)
         ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload`,
        [this.model, id, payload],
      );
    }

    async destroy(id) {
      await pool.query('DELETE FROM oidc_payload WHERE model = $1 AND id = $2', [this.model, id]);
    }
  };
}
