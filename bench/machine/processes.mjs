import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Problem } from '../problem.mjs';
import { onCores } from './cores.mjs';

/** How long a process may take to say that it is ready, in milliseconds. */
const PATIENCE = 30_000;

/** How long it may take to stop when asked, in milliseconds. */
const GRACE = 3000;

/** Processes of ours that still run. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

// Whatever happens, nothing that we started outlives us.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * @param {string} name for messages
 * @param {import('./cores.mjs').Placement} placement
 * @param {number[]} cores
 * @param {[string, string[]]} commandLine
 * @param {Record<string, string>} [env]
 */
export function launch(name, placement, cores, [command, args], env = {}) {
  const child = spawn(...onCores(placement, cores, command, args), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
    child[stream].setEncoding('utf8').on('data', (text) => (said[stream] += text));
  }
  const ended = once(child, 'close').then(
    ([code, signal]) => code ?? signal,
    (error) => error.message,
  );
  void ended.then(() => running.delete(child));
  return { name, pid: child.pid, child, said, ended };
}

/** Waits until a process has printed a line like this. @returns the match */
export async function ready({ name, said, ended }, pattern) {
  let end;
  void ended.then((code) => (end = code));
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await setTimeout(20)) {
    const match = pattern.exec(said.stdout);
    if (match) return match;
    if (end !== undefined) break;
  }
  throw new Problem(`${name} did not start (${end ?? 'it says nothing'}): ${tail(said)}`);
}

/** @throws Problem that says how a process has ended, if it has */
export function expectRunning({ name, child, said }) {
  const end = child.exitCode ?? child.signalCode;
  if (end !== null) throw new Problem(`${name} has ended (${end}): ${tail(said)}`);
}

/** Runs a process to its end. @returns what it printed */
export async function finish({ name, said, ended }) {
  const code = await ended;
  if (code !== 0) throw new Problem(`${name} failed (${code}): ${tail(said)}`);
  return said;
}

export async function stop({ child, ended }) {
  child.kill('SIGTERM');
  const stopped = await Promise.race([ended.then(() => true), setTimeout(GRACE, false)]);
  if (!stopped) child.kill('SIGKILL');
  await ended;
}

function tail({ stdout, stderr }) {
  return (stderr.trim() || stdout.trim()).slice(-2000);
}
