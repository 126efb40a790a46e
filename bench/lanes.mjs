import { join } from 'node:path';
import { load } from './load/load.mjs';
import { expectRunning, finish, launch } from './machine/processes.mjs';
import { cpuTime, residentMemory } from './machine/usage.mjs';

/**
 * One of the things that are measured side by side in every round.
 * @typedef {object} Lane
 * @property {string} name
 * @property {(seconds: number) => Promise<Sample>} run
 * @property {number} [warmUps] how often it runs at most before it counts
 */

/**
 * What a lane did in one round. Times are in microseconds, memory is in MiB.
 * @typedef {object} Sample
 * @property {number} requests
 * @property {number} perSecond
 * @property {number} cpu user and system time for each request
 * @property {number} p50
 * @property {number} p99
 * @property {number} [memory]
 * @property {number} [used] how many tokens were taken from a file that has each once
 */

/**
 * A server under load.
 * @param {import('./targets/start.mjs').Server} server
 * @param {import('./load/load.mjs').Draw} draw
 * @param {{ name?: string, connections?: number, answerBytes?: number }} [options]
 * @returns {Lane}
 */
export function serverLane(bench, server, draw, { name = server.name, ...options } = {}) {
  return { name, run: (seconds) => measure(bench, server, draw, { seconds, ...options }) };
}

/** Puts a server under load once, and looks at what it cost. @returns {Promise<Sample>} */
export async function measure(bench, server, draw, { seconds, connections, answerBytes }) {
  expectRunning(server.process);
  const before = cpuTime(server.pid);
  const { requests, ...done } = await load(bench, server, draw, {
    seconds,
    connections: connections ?? bench.options.connections,
    answerBytes,
  });
  return {
    requests,
    perSecond: requests / done.seconds,
    cpu: (cpuTime(server.pid) - before) / requests,
    p50: done.p50,
    p99: done.p99,
    memory: residentMemory(server.pid),
    ...(draw.once ? { used: done.used } : {}),
  };
}

/**
 * A bare loop in a process of its own, on the servers' core and with their Node.
 * @returns {Lane}
 */
export function loopLane({ placement, options: { node } }, name, script, env) {
  const command = [node, [join(import.meta.dirname, 'targets', script)]];
  return {
    name,
    run: async (seconds) => {
      const child = launch(name, placement, placement.server, command, {
        ...env,
        SECONDS: String(seconds),
      });
      return JSON.parse((await finish(child)).stdout);
    },
  };
}
