import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { copyOf, dataset, dropDatabase } from '../database/dataset.mjs';
import { connected, startPostgres } from '../database/postgres.mjs';
import { atTheEnd, cleanUp, cleanUpWhateverHappens } from '../machine/cleanup.mjs';
import { placeCores } from '../machine/cores.mjs';
import { launch, stop } from '../machine/processes.mjs';
import { progressDone } from '../machine/progress.mjs';
import { ours } from '../targets/checkouts.mjs';
import { CASES, prepare } from './cases.mjs';
import { measure } from './measure.mjs';
import { comparison } from './statistics.mjs';

const DATABASE = 'bench_timing';
const TOKENS = 10_000;

/**
 * Prints a table for each group of cases that ought to be alike.
 * @param {number} rounds
 * @param {number} others how many questions others ask meanwhile, per second
 */
export async function compareTimes(rounds, others) {
  cleanUpWhateverHappens();
  try {
    const placement = placeCores();
    const [before] = loadavg();
    const bench = { placement, postgresUrl: await startPostgres(placement) };
    const database = await copyOf(bench, await dataset(bench, TOKENS), DATABASE);
    atTheEnd(() => dropDatabase(bench, DATABASE));
    // Whoever fails so often would be held back.
    const server = await ours(bench, database, { env: { LIMITS: 'off' } });
    if (others > 0) askMeanwhile(placement, server, others);
    for (const { title, share, questions, then } of CASES) {
      const group = await connected(database, (client) => prepare(client, server, questions, then));
      const samples = await measure(server, title, group, Math.ceil(rounds * share));
      progressDone();
      console.log(`\n${comparison(title, samples)}`);
    }
    const [after] = loadavg();
    const pinned = placement.pinned ? 'the server on a core of its own' : 'one core for all';
    console.log(
      `\n${new Date().toISOString()}, ${cpus()[0]?.model}, ${placement.all.length} cores, ${pinned}, ` +
        `Node ${process.version}, others ask ${others} times a second, load average ${before.toFixed(1)} before and ${after.toFixed(1)} after.`,
    );
  } finally {
    progressDone();
    await cleanUp();
  }
}

function askMeanwhile(placement, { url }, perSecond) {
  const command = [process.execPath, [join(import.meta.dirname, 'others.mjs')]];
  const env = { URL: url, PER_SECOND: String(perSecond), TOKENS: String(TOKENS) };
  const asking = launch('others', placement, placement.rest, command, env);
  atTheEnd(() => stop(asking));
}
