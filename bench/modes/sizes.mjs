import { dataset } from '../database/dataset.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/checkouts.mjs';
import { opaqueLane } from './opaque-lane.mjs';

/** Whether a lookup costs more in a large table than in a small one. */
export async function sizes(bench) {
  const lanes = [];
  const bySize = [...bench.options.sizes].sort((a, b) => a - b);
  for (const tokens of bySize) {
    const database = await dataset(bench, tokens);
    const server = await ours(bench, database, { name: nameOf(tokens) });
    lanes.push(await opaqueLane(bench, server, tokens));
  }
  const samples = await runRounds(bench, 'Table sizes', lanes);
  const [least] = bySize;
  const most = bySize.at(-1);
  return {
    title: 'Size of the table',
    samples,
    rows: [
      {
        what: `CPU per request, ${nameOf(most)} against ${least.toLocaleString('en')}`,
        reached: ratio(samples, 'cpu', nameOf(most), nameOf(least)),
        atMost: 1.2,
        aim: 1.05,
      },
    ],
  };
}

function nameOf(tokens) {
  return `${tokens.toLocaleString('en')} tokens`;
}
