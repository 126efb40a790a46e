import { dataset } from '../database/dataset.mjs';
import { progress } from '../machine/progress.mjs';
import { ours } from '../targets/servers.mjs';
import { opaqueLane } from './opaque-lane.mjs';

const FIRST = 10_000;

/** Whether memory grows with the requests. */
export async function memory(bench) {
  const { requests, tokens } = bench.options;
  const server = await ours(bench, await dataset(bench, tokens));
  const lane = await opaqueLane(bench, server, tokens);
  let done = 0;
  const early = await reach(FIRST, 1);
  const late = await reach(requests, bench.options.seconds);
  const after = (count) => `after ${count.toLocaleString('en')} requests`;
  return {
    title: 'Resident memory',
    samples: { [after(FIRST)]: [early], [after(requests)]: [late] },
    rows: [
      {
        what: `resident memory ${after(requests)} against ${after(FIRST)}`,
        reached: late.memory / early.memory,
        atMost: 1.2,
        aim: 1,
      },
    ],
  };

  /** @returns {Promise<import('../lanes.mjs').Sample>} the last slice */
  async function reach(count, seconds) {
    for (;;) {
      progress(
        `Memory: ${done.toLocaleString('en')} of ${requests.toLocaleString('en')} requests …`,
      );
      const sample = await lane.run(seconds);
      done += sample.requests;
      if (done >= count) return sample;
    }
  }
}
