import type { RunStatement } from './batch.js';
import type { Connections } from './connections.js';
import type { AnswerRow } from './rows.js';

/** What Postgres says when a connection does not have the prepared statement that it should have. */
const PREPARED_ELSEWHERE = new Set(['26000', '42P05']);

/**
 * Runs statements past TypeORM's query runner, and prepared once for each connection, which halves
 * the time that Postgres takes. Behind a pooler that does not keep prepared statements they are sent
 * whole each time.
 */
export function statementsOn(connections: Connections): RunStatement {
  let prepared = true;
  return function run(statement, deadline, done) {
    const { preparedAs, text, values } = statement;
    const query = prepared ? { name: preparedAs, text, values } : { text, values };
    connections.query<AnswerRow>(query, deadline, (failure, result) => {
      if (result) return done(undefined, result.rows[0]);
      if (prepared && PREPARED_ELSEWHERE.has((failure as { code?: string }).code ?? '')) {
        prepared = false;
        return run(statement, deadline, done);
      }
      return done(failure);
    });
  };
}
