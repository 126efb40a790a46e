import { loadavg } from 'node:os';
import { startPostgres } from './database/postgres.mjs';
import { generator } from './load/load.mjs';
import { cleanUp, cleanUpWhateverHappens, isStopping, tidily } from './machine/cleanup.mjs';
import { placeCores } from './machine/cores.mjs';
import { progressDone } from './machine/progress.mjs';
import { modes } from './modes/index.mjs';
import { Problem } from './problem.mjs';
import { writeReport } from './report/files.mjs';
import { comparisons, measurements, stages } from './report/table.mjs';

/** @param {import('./options.mjs').Options} options */
export async function bench(options) {
  cleanUpWhateverHappens();
  try {
    const placement = placeCores();
    const [loadAverage] = loadavg();
    tellLimits(placement, loadAverage);
    const postgresUrl = await startPostgres(placement);
    const results = [];
    for (const mode of options.modes) {
      const result = await run(mode, { options, placement, postgresUrl });
      if (result) results.push(result);
    }
    if (results.length > 0) {
      if (results.some(({ rows }) => rows.length > 0)) console.log(`\n${comparisons(results)}`);
      await writeReport(results, { options, placement, loadAverage });
    }
  } finally {
    progressDone();
    await cleanUp();
  }
}

/** A mode that fails leaves the others' results standing. */
async function run(mode, context) {
  try {
    const result = await tidily(() => modes[mode](context));
    progressDone();
    for (const table of result.tables ?? [result]) {
      if (Object.keys(table.samples).length > 0) console.log(`\n${measurements(table)}`);
    }
    for (const breakdown of result.breakdowns ?? []) console.log(`\n${stages(breakdown)}`);
    return { mode, ...result };
  } catch (error) {
    // The process is about to end, and nothing more may be started.
    if (isStopping()) await new Promise(() => {});
    progressDone();
    console.error(`\n${mode}: ${error instanceof Problem ? error.message : error.stack}`);
    process.exitCode = 1;
    return undefined;
  }
}

function tellLimits({ pinned, all }, loadAverage) {
  if (generator !== 'wrk') {
    console.error(
      'There is no wrk here, so autocannon makes the load. It may be slower than the fastest ' +
        'servers: compare CPU per request, or install the package wrk.',
    );
  }
  if (!pinned) {
    console.error('Without taskset and a second core, servers and load generator share the CPU.');
  }
  if (loadAverage > all.length / 4) {
    console.error(
      `Other programs are at work here (load average ${loadAverage.toFixed(1)} on ${all.length} ` +
        'cores): the numbers will be worth little.',
    );
  }
}
