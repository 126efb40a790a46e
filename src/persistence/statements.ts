import type { DataSource } from 'typeorm';
import type { Answer, Statement } from './batch.js';
import { connectionsOf } from './connections.js';

/** What Postgres says when a connection does not have the prepared statement that it should have. */
const PREPARED_ELSEWHERE = new Set(['26000', '42P05']);

/** @param deadline when it must have been answered, by the clock of `performance.now()` */
export type RunStatement = (statement: Statement, deadline: number) => Promise<Answer>;

/**
 * Runs statements on the data source's own pool: past TypeORM's query runner, and prepared once for
 * each connection, which halves the time that Postgres takes. Behind a pooler that does not keep
 * prepared statements they are sent whole each time.
 */
export function statementsOn(dataSource: DataSource): RunStatement {
  let prepared = true;
  return async ({ name, text, values }, deadline) => {
    const connections = connectionsOf(dataSource);
    if (prepared) {
      const query = { name: `introspection ${name}`, text, values };
      try {
        return (await connections.query<Answer>(query, deadline)).rows[0]!;
      } catch (error) {
        if (!PREPARED_ELSEWHERE.has((error as { code?: string }).code ?? '')) throw error;
        prepared = false;
      }
    }
    return (await connections.query<Answer>({ text, values }, deadline)).rows[0]!;
  };
}
