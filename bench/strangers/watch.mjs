import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ready } from '../machine/processes.mjs';
import { residentMemory } from '../machine/usage.mjs';
import { Problem } from '../problem.mjs';
import { here } from '../setup.mjs';

/** How long a server may take to collect its garbage, in milliseconds. */
const PATIENCE = 10_000;

/** After this much silence its log is complete, in milliseconds. */
const SILENCE = 200;

/** What a server is started with, so that it can be watched. */
export const WATCHED = {
  env: { LOG_LEVEL: 'info', METRICS_PORT: '0' },
  nodeArguments: ['--expose-gc', '--import', join(here, 'targets', 'preload', 'kept.mjs')],
};

/**
 * @typedef {object} Watched
 * @property {() => Promise<{ keys: number, statements: number, lines: number }>} look
 * @property {() => Promise<{ alive: number, resident: number }>} memory
 */

/** @param {import('../targets/start.mjs').Server} server @returns {Promise<Watched>} */
export async function watch({ name, pid, process: { said, ...child } }) {
  const [, metrics] = await ready({ name, said, ...child }, /Metrics on (http:[^"]+)/);
  let lines = 0;
  return { look, memory };

  /** So far: keys that the database was asked for, the statements with them, and lines of the log. */
  async function look() {
    for (let seen = -1; seen !== said.stdout.length; await setTimeout(SILENCE)) {
      seen = said.stdout.length;
    }
    const text = await (await fetch(metrics)).text();
    const value = (metric) => Number(new RegExp(`^${metric} (\\S+)$`, 'm').exec(text)?.[1]);
    lines += said.stdout.split('\n').length - 1;
    // A server that is asked for minutes says more than fits into a string.
    said.stdout = '';
    const [keys, statements] = ['sum', 'count'].map((of) =>
      value(`introspection_query_keys_${of}`),
    );
    return { keys, statements, lines };
  }

  /** Bytes that are alive when the garbage is collected, and MiB that are resident. */
  async function memory() {
    const from = said.stderr.length;
    process.kill(pid, 'SIGUSR2');
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await setTimeout(20)) {
      const [, alive] = /\{"alive":(\d+)\}/.exec(said.stderr.slice(from)) ?? [];
      if (alive) return { alive: Number(alive), resident: residentMemory(pid) };
    }
    throw new Problem(`${name} does not say how much memory it needs.`);
  }
}
