import { join } from 'node:path';
import { load } from './load/load.mjs';
import { finish, launch } from './machine/processes.mjs';
import { cpuTime, residentMemory } from './machine/usage.mjs';

/**
 * One of the things that are measured side by side in every round.
 * @typedef {object} Lane
 * @property {string} name
 * @property {(seconds: number) => Promise<Sample>} run
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
 */

/**
 * A server under load.
 * @param {import('./targets/servers.mjs').Server} server
 * @param {import('./load/load.mjs').Draw} draw
 * @param {{ name?: string, connections?: number, answerBytes?: number }} [options]
 * @returns {Lane}
 */
export function serverLane(bench, server, draw, options = {}) {
  const { name = server.name, connections = bench.options.connections, answerBytes } = options;
  let first = draw.first;
  return { name, run };

  async function run(seconds) {
    const before = cpuTime(server.pid);
    const rest = { ...draw, first, count: draw.count - (first - draw.first) };
    const done = await load(bench, server, rest, { seconds, connections, answerBytes });
    if (draw.once) first += done.used;
    return {
      requests: done.requests,
      perSecond: done.requests / done.seconds,
      cpu: (cpuTime(server.pid) - before) / done.requests,
      p50: done.p50,
      p99: done.p99,
      memory: residentMemory(server.pid),
    };
  }
}

/**
 * A bare loop in a process of its own, on the servers' core.
 * @returns {Lane}
 */
export function loopLane({ placement }, name, script, env) {
  const command = [process.execPath, [join(import.meta.dirname, 'targets', script)]];
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
