import { startPostgres } from './database/postgres.mjs';
import { generator } from './load/load.mjs';
import { cleanUp, cleanUpWhateverHappens } from './machine/cleanup.mjs';
import { placeCores } from './machine/cores.mjs';
import { progressDone } from './machine/progress.mjs';
import { comparisons, measurements } from './report/table.mjs';
import { writeReport } from './report/files.mjs';
import { modes } from './modes/index.mjs';

/** @param {import('./options.mjs').Options} options */
export async function bench(options) {
  cleanUpWhateverHappens();
  try {
    const placement = placeCores();
    tellLimits(placement);
    const postgresUrl = await startPostgres(placement);
    const results = [];
    for (const mode of options.modes) {
      const result = await modes[mode]({ options, placement, postgresUrl });
      results.push({ mode, ...result });
      progressDone();
      console.log(`\n${measurements(result)}`);
    }
    console.log(`\n${comparisons(results)}`);
    await writeReport(results, { options, placement });
  } finally {
    progressDone();
    await cleanUp();
  }
}

function tellLimits({ pinned }) {
  if (generator !== 'wrk') {
    console.error(
      'There is no wrk here, so autocannon makes the load. It may be slower than the fastest ' +
        'servers: compare CPU per request, or install the package wrk.',
    );
  }
  if (!pinned) {
    console.error('Without taskset and a second core, servers and load generator share the CPU.');
  }
}
