import { subjectOf } from '../fixtures.mjs';
import { atTheEnd } from '../machine/cleanup.mjs';
import { launch, ready, stop } from '../machine/processes.mjs';
import { progress } from '../machine/progress.mjs';

/**
 * A server that waits ten seconds for its turn would clear its heap and make it small, and need
 * seconds of load to be as fast as before. One that always has work never does that.
 */
const STAY_AWAKE = '--no-memory-reducer';

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {string} url
 * @property {number} pid
 * @property {ReturnType<typeof launch>} process
 * @property {(token: number) => string} subjectOf whose token it takes this one for
 */

/**
 * Starts a server on the servers' core, with the Node that the options name. It runs until the mode
 * is over.
 * @param {string} script
 * @param {{ env: Record<string, string>, cores?: number[], nodeArguments?: string[] }} options
 * @returns {Promise<Server>}
 */
export async function start(bench, name, script, options) {
  const { placement, options: { node = process.execPath } = {} } = bench;
  const { env, cores = placement.server, nodeArguments = [], ...rest } = options;
  progress(`Starting ${name} …`);
  const child = launch(name, placement, cores, [node, [STAY_AWAKE, ...nodeArguments, script]], {
    NODE_ENV: 'production',
    ...env,
  });
  const [url] = await ready(child, /(?<=Listening on )http:\/\/[\w.:-]+(?=\W)/);
  atTheEnd(() => stop(child));
  return { name, url, pid: child.pid, process: child, subjectOf, ...rest };
}
