import { dataset } from '../database/dataset.mjs';
import { progress } from '../machine/progress.mjs';
import { ours } from '../targets/checkouts.mjs';
import { opaqueLane } from './opaque-lane.mjs';

const FIRST = 10_000;
/** Where memory is looked at on the way, as shares of all requests. */
const WAY = [0.1, 0.25, 0.5, 0.75, 1];
/** How long the load generator runs before it is started anew, in seconds. */
const SLICE = 20;

/** Whether memory grows with the requests. */
export async function memory(bench) {
  const { requests, tokens } = bench.options;
  const server = await ours(bench, await dataset(bench, tokens));
  const lane = await opaqueLane(bench, server, tokens);
  let done = 0;
  const early = await reach(FIRST, 1);
  const way = [];
  for (const share of WAY) way.push(await reach(share * requests, SLICE));
  const half = way.at(-3);
  const late = way.at(-1);
  return {
    title: 'Resident memory',
    samples: {
      [after(FIRST)]: [early],
      ...Object.fromEntries(way.map((sample, at) => [after(WAY[at] * requests), [sample]])),
    },
    rows: [
      {
        what: `resident memory ${after(requests)} against ${after(FIRST)}`,
        reached: late.memory / early.memory,
        atMost: 1.2,
        aim: 1,
      },
      {
        what: `resident memory ${after(requests)} against ${after(requests / 2)}`,
        reached: late.memory / half.memory,
        atMost: 1.1,
        aim: 1,
      },
    ],
  };

  /** @returns {Promise<import('../lanes.mjs').Sample>} the last slice */
  async function reach(count, seconds) {
    for (;;) {
      const sample = await lane.run(seconds);
      done += sample.requests;
      progress(
        `Memory: ${sample.memory.toFixed(0)} MiB after ${done.toLocaleString('en')} of ${requests.toLocaleString('en')} requests …`,
      );
      if (done >= count) return sample;
    }
  }
}

function after(count) {
  return `after ${count.toLocaleString('en')} requests`;
}
