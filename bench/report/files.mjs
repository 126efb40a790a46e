import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { generator } from '../load/load.mjs';
import { here } from '../setup.mjs';
import { chart } from './chart.mjs';

/** Everything that was measured as JSON, and the main comparison as a picture. */
export async function writeReport(results, { options, placement }) {
  const { quick, rounds, seconds, tokens, connections } = options;
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: placement.all.length,
    pinned: placement.pinned,
    node: process.version,
    generator,
  };
  const report = {
    date: new Date().toISOString(),
    machine,
    options: { quick, rounds, seconds, tokens, connections },
    results,
  };
  await writeFile(join(here, 'results.json'), `${JSON.stringify(report, null, 2)}\n`);
  const main = results.find(({ mode }) => mode === 'opaque');
  if (main) await writeFile(join(here, 'results.svg'), chart(main));
}
