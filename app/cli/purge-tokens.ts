import { setTimeout as pause } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { DataSource } from 'typeorm';
import { Failure } from '../failure.js';
import { purgeableExp } from '../../src/schema/purge.js';
import { tablePathIn } from '../../src/schema/table-paths.js';
import type { TablePath } from '../../src/schema/table-paths.js';
import { TypeOrmJwtRevocationRepository } from '../../src/jwt/typeorm-jwt-revocation.repository.js';
import { TypeOrmOpaqueTokenRepository } from '../../src/tokens/typeorm-opaque-token.repository.js';

/** How long a purge pauses after each batch, as a multiple of the time that the batch took. */
const PAUSE_FACTOR = 3;

const countExpiredRows = (path: TablePath) => `
  SELECT (SELECT count(*) FROM ${path('opaque_token')} WHERE exp <= $1)::int
       + (SELECT count(*) FROM ${path('revoked_jwt')} WHERE exp <= $1)::int AS count`;

/**
 * Deletes the rows of both tables that expired a day ago, with a progress bar on a terminal. It pauses for most
 * of the time, so that the server's reads have the database nearly to themselves.
 *
 * @param mostRows the most rows to delete in one transaction
 * @throws Failure when another purge is at work
 */
export async function purgeTokens(dataSource: DataSource, mostRows: number) {
  const bar = await progressBar(dataSource);
  try {
    const opaque = await purgeAll(new TypeOrmOpaqueTokenRepository(dataSource), mostRows, bar);
    const jwt = await purgeAll(new TypeOrmJwtRevocationRepository(dataSource), mostRows, bar);
    return { opaque, jwt };
  } finally {
    bar?.stop();
  }
}

async function purgeAll(
  repository: { purge(mostRows: number): Promise<number | undefined> },
  mostRows: number,
  bar: SingleBar | undefined,
): Promise<number> {
  for (let total = 0; ;) {
    const batchBegan = performance.now();
    const deleted = await repository.purge(mostRows);
    if (deleted === undefined) throw new Failure('Another purge is at work: let it finish.');
    total += deleted;
    bar?.increment(deleted);
    if (deleted === 0) return total;
    await pause((performance.now() - batchBegan) * PAUSE_FACTOR);
  }
}

async function progressBar(dataSource: DataSource): Promise<SingleBar | undefined> {
  if (!process.stderr.isTTY) return undefined;
  const sql = countExpiredRows(tablePathIn(dataSource));
  const rows = await dataSource.query<{ count: number }[]>(sql, [purgeableExp()]);
  const bar = new SingleBar({ format: '{bar} {percentage}% | {value} of {total} rows' });
  bar.start(rows[0]!.count, 0);
  return bar;
}
