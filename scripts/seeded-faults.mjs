// Plants one fault at a time in a copy of the decision path and runs the tests that should catch it.
// A fault that survives means that a test is missing. Usage: npm run test:seeded [name …]
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DECISION_FAULTS } from './seeded/decision.mjs';
import { HTTP_FAULTS } from './seeded/http.mjs';
import { KEY_FAULTS } from './seeded/keys.mjs';
import { LIMIT_FAULTS } from './seeded/limits.mjs';

const FAULTS = [...DECISION_FAULTS, ...HTTP_FAULTS, ...KEY_FAULTS, ...LIMIT_FAULTS];

const asked = process.argv.slice(2);
const root = resolve(import.meta.dirname, '..');
const survivors = [];
for (const fault of FAULTS.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const failed = failuresUnder(fault);
  console.log(`${failed > 0 ? 'caught  ' : 'SURVIVED'} ${fault.name}: ${failed} tests failed`);
  if (failed === 0) survivors.push(fault.name);
}
process.exitCode = survivors.length === 0 ? 0 : 1;

/** `also`: further replacements in files; `and`: text that is added to the end of the file. */
function failuresUnder({ file, from, to, also = [], and = '', tests }) {
  const copy = mkdtempSync(join(tmpdir(), 'seeded-fault-'));
  try {
    const kept = [
      'app',
      'src',
      'migrations',
      'test',
      // The tests of the docs take the samples from them.
      'scripts',
      'docs',
      'README.md',
      'SECURITY.md',
      'CONTRIBUTING.md',
      'package.json',
      'tsconfig.json',
      'vitest.config.ts',
    ];
    for (const name of kept) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [path, before, after] of [[file, from, to], ...also]) {
      const source = readFileSync(join(copy, path), 'utf8');
      if (!source.includes(before)) throw new Error(`${path} has no “${before}” any more.`);
      writeFileSync(
        join(copy, path),
        source.replace(before, () => after),
      );
    }
    appendFileSync(join(copy, file), and);
    const report = join(copy, 'report.json');
    spawnSync(
      'npx',
      ['vitest', 'run', ...tests.split(' '), '--reporter=json', `--outputFile=${report}`],
      {
        cwd: copy,
        stdio: 'ignore',
      },
    );
    return JSON.parse(readFileSync(report, 'utf8')).numFailedTests;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
