import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Placement
 * @property {boolean} pinned whether processes are held to cores at all
 * @property {number[]} server the core that servers are measured on
 * @property {number[]} rest the cores of everything else: the load generator, Postgres, ourselves
 * @property {number[]} all
 */

/**
 * Servers on one core, everything else on the others; where that cannot be, wherever the kernel
 * likes. This process goes to the others too, and so does whatever it starts from here on.
 * @returns {Placement}
 */
export function placeCores() {
  const all = allowedCores();
  const pinned = all.length > 1 && has('taskset');
  if (!pinned) return { pinned, server: all, rest: all, all };
  const [first, ...rest] = all;
  pin(process.pid, rest);
  return { pinned, server: [first], rest, all };
}

/** Moves a process with all its threads; its children follow from their start on. */
export function pin(pid, cores) {
  spawnSync('taskset', ['-a', '-c', '-p', cores.join(','), String(pid)], { stdio: 'ignore' });
}

/** A command line that runs on these cores. */
export function onCores({ pinned }, cores, command, args) {
  return pinned ? ['taskset', ['-c', cores.join(','), command, ...args]] : [command, args];
}

export function has(program) {
  return spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
}

/** "0-2,5" is the kernel's notation. */
function allowedCores() {
  const [, list] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}
