import { progress, progressDone } from './machine/progress.mjs';

/** How many requests a lane has before it counts, for the compiler to see the hot paths. */
const WARM_UP = 20_000;

/** How often a slow one is put to work for that, where it has no number of its own. */
const WARM_UPS = 10;

/**
 * Runs every lane once a round, in an order that rotates, so that a slow minute of the machine falls
 * on all of them alike.
 * @param {import('./lanes.mjs').Lane[]} lanes
 * @returns {Promise<Samples>}
 */
export async function runRounds(bench, title, lanes) {
  for (const lane of lanes) await warmUp(title, lane);
  return takeTurns(bench, title, lanes);
}

/** The same for lanes that begin with a new server each time, and warm it up themselves. */
export async function takeTurns({ options: { rounds, seconds } }, title, lanes) {
  const samples = Object.fromEntries(lanes.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < lanes.length; at++) {
      const { name, run } = lanes[(round + at) % lanes.length];
      progress(`${title}: round ${round + 1} of ${rounds}, ${name} …`);
      samples[name].push(await run(seconds));
    }
  }
  progressDone();
  return samples;
}

/** @param {import('./lanes.mjs').Lane} lane */
export async function warmUp(title, { name, run, warmUps = WARM_UPS }) {
  progress(`${title}: warming up ${name} …`);
  for (let turn = 0, seen = 0; turn < warmUps && seen < WARM_UP; turn++) {
    seen += (await run(1)).requests;
  }
}

/** Each lane's samples, one a round. @typedef {Record<string, import('./lanes.mjs').Sample[]>} Samples */

/**
 * The median of the rounds' ratios of a lane to a reference, or to several taken together.
 * @param {keyof import('./lanes.mjs').Sample} field
 * @param {string[]} references
 */
export function ratio(samples, field, lane, ...references) {
  return median(
    samples[lane].map((sample, round) => {
      const others = references.map((reference) => samples[reference][round][field]);
      return sample[field] / others.reduce((sum, value) => sum + value);
    }),
  );
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
