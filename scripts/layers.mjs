// Checks two rules in app, src and migrations: imports point down the list below, and no files import each other
// in a circle. So a reader of a folder needs only the folders below it. Imports of types count, too.
// Usage: npm run layers [-- ROOT]
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { readImports } from './imports.mjs';

/** The highest layer comes first. The layers of one row stand side by side: none imports another. */
const LAYERS = [
  ['app/server', 'app/cli'],
  ['app/environment'],
  ['app/postgres'],
  ['app/failure.ts'],
  // What hosts' tests import; nothing that runs in production does.
  ['src/testing'],
  ['src/index.ts'],
  ['src/introspection.module.ts'],
  ['src/providers'],
  ['src/http'],
  ['src/decision'],
  ['src/limits'],
  ['src/clients', 'src/tokens', 'src/jwt'],
  ['src/schema'],
  ['src/persistence'],
  ['src/events', 'src/config'],
  ['src/model'],
  // A migration must always do the same, so it imports nothing that may change.
  ['migrations'],
];

/** By layer, the only layers above it that may import it. */
const PERMITTED_IMPORTERS = { migrations: ['app', 'src/index.ts', 'src/schema'] };

/** The published package does not contain this layer, and must start without it: so only import() may name it. */
const UNPUBLISHED = 'app/postgres';

if (realpathSync(process.argv[1]) === import.meta.filename) {
  const { faults, sum } = check(process.argv[2] ?? join(import.meta.dirname, '..'));
  for (const line of [...faults, sum]) console.log(line);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

/** Checks a root folder. @returns one line for each fault, and one line that sums up. */
export function check(root) {
  const { files, imports } = readImports(root, ['app', 'src', 'migrations']);
  const faults = [
    ...files.filter((file) => !layerOf(file)).map((file) => `${file} is in none of the layers`),
    ...imports.flatMap(wrongWay),
    ...circles(imports),
  ];
  const result = faults.length === 0 ? 'no circle, none upward' : `faults: ${faults.length}`;
  return { faults, sum: `${files.length} files, ${imports.length} imports, ${result}.` };
}

function wrongWay({ from, to, atLoad }) {
  const [importer, target] = [layerOf(from), layerOf(to)];
  if (!importer || importer === target) return [];
  const rule = ruleAgainst(from, importer, target, atLoad);
  return rule ? [`${from} imports ${to}: ${rule}`] : [];
}

function ruleAgainst(from, importer, target, atLoad) {
  if (!target) return 'it is in none of the layers';
  if (rowOf(importer) > rowOf(target)) return `upward, ${importer} is below ${target}`;
  if (rowOf(importer) === rowOf(target)) {
    return `sideways, ${importer} and ${target} stand side by side`;
  }
  const importers = PERMITTED_IMPORTERS[target];
  if (importers && !importers.some((layer) => isIn(layer, from))) {
    return `only ${importers.join(', ')} may import ${target}`;
  }
  return target === UNPUBLISHED && atLoad
    ? `${target} may be imported by import() alone`
    : undefined;
}

/** Looks for the shortest way back from each import. A circle of several imports counts once. */
function circles(imports) {
  const imported = new Map();
  for (const { from, to } of imports) imported.set(from, [...(imported.get(from) ?? []), to]);
  const found = new Set();
  for (const { from, to } of imports) {
    const back = shortestWay(to, from, imported);
    if (back.length === 0) continue;
    const first = back.indexOf(back.reduce((a, b) => (a < b ? a : b)));
    const circle = [...back.slice(first), ...back.slice(0, first + 1)];
    found.add(`${circle.join(' → ')}: a circle`);
  }
  return found;
}

function shortestWay(start, end, imported) {
  const reachedFrom = new Map([[start, undefined]]);
  // A Map's keys include those that are added on the way.
  for (const file of reachedFrom.keys()) {
    if (file === end) return wayTo(file, reachedFrom);
    for (const next of imported.get(file) ?? []) {
      if (!reachedFrom.has(next)) reachedFrom.set(next, file);
    }
  }
  return [];
}

function wayTo(file, reachedFrom) {
  return file === undefined ? [] : [...wayTo(reachedFrom.get(file), reachedFrom), file];
}

function rowOf(layer) {
  return LAYERS.findIndex((row) => row.includes(layer));
}

function layerOf(file) {
  return LAYERS.flat().find((layer) => isIn(layer, file));
}

function isIn(layer, file) {
  return file === layer || file.startsWith(`${layer}/`);
}
