import { join } from 'node:path';
import { dataset } from '../database/dataset.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { root } from '../setup.mjs';
import { ours } from '../targets/checkouts.mjs';
import { opaqueLane } from './opaque-lane.mjs';

/** Two processes on two cores against one on one. The load generator and Postgres need theirs too. */
export async function workers(bench) {
  const what = 'requests/s, two processes on two cores against one on one';
  const title = 'Processes';
  const fault = await impediment(bench);
  if (fault) return { title, samples: {}, rows: [{ what, note: `not measured: ${fault}` }] };

  const { tokens } = bench.options;
  const database = await dataset(bench, tokens);
  const [one, two] = ['one process', 'two processes'];
  const servers = [
    await ours(bench, database, { name: one }),
    await ours(bench, database, {
      name: two,
      env: { WORKERS: '2' },
      cores: bench.placement.all.slice(0, 2),
    }),
  ];
  const lanes = servers.map((server) => opaqueLane(bench, server, tokens));
  const samples = await runRounds(bench, title, await Promise.all(lanes));
  const cores = bench.placement.all.length;
  return {
    title,
    samples,
    rows: [
      {
        what,
        reached: ratio(samples, 'perSecond', two, one),
        note: `on ${cores} cores in all, with Postgres and the load generator`,
      },
    ],
  };
}

async function impediment({ placement }) {
  if (placement.all.length < 2) return 'there is one core alone';
  const { readEnvironment } = await import(
    join(root, 'dist', 'app', 'environment', 'environment.js')
  );
  const known = readEnvironment({ WORKERS: '2' }).workers === 2;
  return known ? undefined : 'the server does not know WORKERS';
}
