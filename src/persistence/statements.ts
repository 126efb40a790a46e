import type { Pool, QueryConfig } from 'pg';
import type { DataSource } from 'typeorm';
import type { Answer, Statement } from './batch.js';

/** What Postgres says when a connection does not have the prepared statement that it should have. */
const PREPARED_ELSEWHERE = new Set(['26000', '42P05']);

/**
 * Runs statements on the data source's own pool: past TypeORM's query runner, and prepared once for
 * each connection, which halves the time that Postgres takes. Behind a pooler that does not keep
 * prepared statements they are sent whole each time.
 */
export function statementsOn(dataSource: DataSource): (statement: Statement) => Promise<Answer> {
  let prepared = true;
  return async ({ name, text, values }) => {
    const { master: pool } = dataSource.driver as unknown as { readonly master: Pool };
    if (prepared) {
      try {
        return await only(pool, { name: `introspection ${name}`, text, values });
      } catch (error) {
        if (!PREPARED_ELSEWHERE.has((error as { code?: string }).code ?? '')) throw error;
        prepared = false;
      }
    }
    return only(pool, { text, values });
  };
}

async function only(pool: Pool, query: QueryConfig): Promise<Answer> {
  const { rows } = await pool.query<Answer>(query);
  return rows[0]!;
}
