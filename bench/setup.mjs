// Installs what the bench needs for itself, and builds the package that it measures.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';

export const here = import.meta.dirname;
export const root = join(here, '..');

export async function setUp() {
  if (process.platform !== 'linux') {
    throw new Problem(
      'The bench runs on Linux alone: it reads the CPU time of servers from /proc.',
    );
  }
  const installed = join(here, 'node_modules', '.package-lock.json');
  if (changed(installed) < changed(join(here, 'package-lock.json'))) {
    process.stderr.write("Installing the bench's own dependencies …\n");
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], here);
  }
  run(process.execPath, [join(root, 'scripts', 'setup.mjs')], root);
}

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Problem(`${command} ${args.join(' ')} failed in ${cwd}.`);
}

function changed(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}
