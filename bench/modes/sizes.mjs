import { dataset } from '../database/dataset.mjs';
import { expectRightAnswers } from '../load/ask.mjs';
import { serverLane } from '../lanes.mjs';
import { ratio, runRounds } from '../rounds.mjs';
import { ours } from '../targets/servers.mjs';

/** Whether a lookup costs more in a large table than in a small one. */
export async function sizes(bench) {
  const servers = [];
  const lanes = [];
  const bySize = [...bench.options.sizes].sort((a, b) => a - b);
  for (const tokens of bySize) {
    const database = await dataset(bench, tokens);
    const server = await ours(bench, database, { name: nameOf(tokens) });
    await expectRightAnswers(server, tokens);
    servers.push(server);
    lanes.push(serverLane(bench, server, { hint: 'access_token', first: 0, count: tokens }));
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
