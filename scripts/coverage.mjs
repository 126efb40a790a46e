// Measures which lines of app and src all tests cover: in the test runner's processes, and in the programs
// that the tests spawn (the server and the operator's command), whose compiled code Node itself watches.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convert } from 'ast-v8-to-istanbul';
import libCoverage from 'istanbul-lib-coverage';
import { parseAstAsync } from 'vite';
import { root } from './setup.mjs';

/** Of the lines of app and src. */
const LEAST_COVERED_PER_CENT = 95;

const REPORT = ['--coverage.reporter=json', '--coverage.reportOnFailure'];

const raw = mkdtempSync(join(tmpdir(), 'coverage-'));
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--coverage', ...REPORT, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_V8_COVERAGE: raw } },
);
const map = libCoverage.createCoverageMap(
  JSON.parse(readFileSync(join(root, 'coverage', 'coverage-final.json'), 'utf8')),
);
for (const name of readdirSync(raw)) {
  const { result } = JSON.parse(readFileSync(join(raw, name), 'utf8'));
  for (const script of result) await addCompiled(script);
}
rmSync(raw, { recursive: true });
process.exitCode = report() ? status : 1;

async function addCompiled(script) {
  if (!script.url.startsWith('file:')) return;
  const file = fileURLToPath(script.url);
  if (!file.startsWith(join(root, 'dist'))) return;
  const code = readFileSync(file, 'utf8');
  const sourceMap = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  map.merge(await convert({ code, sourceMap, coverage: script, ast: parseAstAsync(code) }));
}

function report() {
  let [covered, total] = [0, 0];
  for (const file of map.files().sort()) {
    if (!/^(?:app|src)\b/.test(relative(root, file))) continue;
    const lines = Object.entries(map.fileCoverageFor(file).getLineCoverage());
    const missed = lines.filter(([, hits]) => hits === 0).map(([line]) => line);
    covered += lines.length - missed.length;
    total += lines.length;
    if (missed.length > 0)
      console.log(`${relative(root, file)}: not covered: ${missed.join(', ')}`);
  }
  const coveredPerCent = (100 * covered) / total;
  console.log(`Lines of src: ${covered} of ${total} covered, ${coveredPerCent.toFixed(1)} %.`);
  return coveredPerCent > LEAST_COVERED_PER_CENT;
}
