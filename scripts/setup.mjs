// Makes a fresh clone runnable: installs the dependencies and builds, where that is missing or out of date.
// It needs only Node, and writes nothing to stdout, which the program that runs after it needs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const installed = join(root, 'node_modules', '.package-lock.json');
// Written last, so that a build that failed or was interrupted is done again.
const built = join(root, 'dist', '.built');
const sources = [
  'app',
  'src',
  'migrations',
  'package.json',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

requireNode();
if (changedAtMs(installed) < changedAtMs(join(root, 'package-lock.json'))) {
  say('Installing the dependencies, which takes a minute …');
  // Warnings are of tools that want another Node, and of no use to whoever starts the server.
  npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error');
}
if (changedAtMs(built) < Math.max(...sources.map((name) => newestChangeMs(join(root, name))))) {
  say('Building …');
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  rmSync(built, { force: true });
  run(process.execPath, [nest, 'build']);
  writeFileSync(built, '');
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  stop(`Node 20.19 or newer is needed; this is ${process.version}.`);
}

function npm(...args) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) run(process.execPath, [script, ...args]);
  else run('npm', args, { shell: process.platform === 'win32' });
}

function run(program, args, options = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    ...options,
  });
  if (status !== 0) stop(`${args.join(' ')} failed${error ? `: ${error.message}` : ''}.`);
}

/** When a file or directory was changed last; 0 when it does not exist. */
function changedAtMs(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** The newest change in a tree. Directories count, so that a removed file counts. */
function newestChangeMs(path) {
  const below = statSync(path).isDirectory() ? readdirSync(path) : [];
  return Math.max(changedAtMs(path), ...below.map((name) => newestChangeMs(join(path, name))));
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function stop(text) {
  say(text);
  process.exit(1);
}
