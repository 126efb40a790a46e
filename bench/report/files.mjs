import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { generator } from '../load/load.mjs';
import { MODES } from '../options.mjs';
import { chart } from './chart.mjs';

/**
 * Everything that was measured as JSON, and the main comparison as a picture. What is there of modes
 * that were not measured now stays there: each says when and how it was measured.
 */
export async function writeReport(measured, { options, placement, loadAverage }) {
  const { quick, rounds, seconds, tokens, connections, nodeVersion, out } = options;
  const circumstances = {
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: placement.all.length,
      pinned: placement.pinned,
      loadAverage,
      node: nodeVersion,
      generator,
    },
    options: { quick, rounds, seconds, tokens, connections },
  };
  await mkdir(out, { recursive: true });
  const file = join(out, 'results.json');
  const results = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {};
  for (const { mode, tables: _tables, ...result } of measured) {
    results[mode] = { ...circumstances, ...result };
  }
  const ordered = MODES.filter((mode) => mode in results).map((mode) => [mode, results[mode]]);
  await writeFile(file, `${JSON.stringify(Object.fromEntries(ordered), short, 2)}\n`);
  if (results.opaque) await writeFile(join(out, 'results.svg'), chart(results.opaque));
}

function short(_name, value) {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value;
}
