// npm run test:mutation [-- src/clients/basic-credentials.ts,…]: changes the decision path in every small
// way and looks whether a test fails. Files that were tried before and have not changed are not tried again.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '..');
const changed = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

if (
  changed(join(here, 'node_modules', '.package-lock.json')) <
  changed(join(here, 'package-lock.json'))
) {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], here);
}
run(process.execPath, [join(root, 'scripts', 'setup.mjs')], root);
const stryker = join(here, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
const [files] = process.argv.slice(2);
const mutate = files === undefined ? [] : ['--mutate', files];
run(process.execPath, [stryker, 'run', join('mutation', 'stryker.config.mjs'), ...mutate], root);

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
