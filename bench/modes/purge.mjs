import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { copyOf, dataset, dropDatabase } from '../database/dataset.mjs';
import { insertExpiredTokens } from '../database/introspection-rows.mjs';
import { connected } from '../database/postgres.mjs';
import { ISSUED_AT } from '../fixtures.mjs';
import { atTheEnd } from '../machine/cleanup.mjs';
import { launch, stop } from '../machine/processes.mjs';
import { progress } from '../machine/progress.mjs';
import { Problem } from '../problem.mjs';
import { median, ratio, runRounds } from '../rounds.mjs';
import { root } from '../setup.mjs';
import { ours } from '../targets/checkouts.mjs';
import { opaqueLane } from './opaque-lane.mjs';

const DATABASE = 'bench_purge';

/** Expired rows that a round begins with, for each second that it lasts: more than can be purged. */
const EXPIRED_PER_SECOND = 100_000;

/** Whether introspections suffer while expired tokens are deleted. */
export async function purge(bench) {
  const { tokens } = bench.options;
  const database = await copyOf(bench, await dataset(bench, tokens), DATABASE);
  atTheEnd(() => dropDatabase(bench, DATABASE));
  const server = await ours(bench, database);
  const [purging, resting] = ['while a purge runs', 'without a purge'];
  const lane = await opaqueLane(bench, server, tokens, { name: resting });
  const samples = await runRounds(bench, 'Purge', [
    lane,
    {
      name: purging,
      run: (seconds) => whilePurging(bench, database, seconds, () => lane.run(seconds)),
    },
  ]);
  const purged = Math.round(median(samples[purging].map((sample) => sample.purged)));
  return {
    title: `A purge of expired tokens, ${purged.toLocaleString('en')} rows/s`,
    samples,
    rows: [
      {
        what: 'requests/s while a purge runs against without one',
        reached: ratio(samples, 'perSecond', purging, resting),
      },
    ],
  };
}

/** @returns {Promise<import('../lanes.mjs').Sample & { purged?: number }>} `purged`: rows a second */
async function whilePurging({ placement }, database, seconds, work) {
  progress('Purge: inserting expired tokens …');
  const enough = EXPIRED_PER_SECOND * seconds;
  await connected(database, async (client) =>
    insertExpiredTokens(client, enough - (await expired(client))),
  );
  const command = [
    process.execPath,
    [join(root, 'dist', 'app', 'cli', 'main.js'), 'token', 'purge'],
  ];
  const cleaner = launch('token purge', placement, placement.rest, command, {
    DATABASE_URL: database,
  });
  try {
    const before = await connected(database, begun);
    const sample = await work();
    const after = await connected(database, expired);
    // Where it came to its end, it has rested for a part of the round.
    if (after === 0)
      throw new Problem('The purge was over before the round: nothing was measured.');
    return { ...sample, purged: (before - after) / seconds };
  } finally {
    await stop(cleaner);
  }
}

/** Waits until rows disappear. @returns how many are left */
async function begun(client) {
  const all = await expired(client);
  for (let tries = 0; tries < 100; tries++) {
    const left = await expired(client);
    if (left < all) return left;
    await setTimeout(100);
  }
  throw new Problem('The command "token purge" deletes nothing.');
}

async function expired(client) {
  const { rows } = await client.query(
    'SELECT count(*)::int AS count FROM opaque_token WHERE exp <= $1',
    [ISSUED_AT],
  );
  return rows[0].count;
}
