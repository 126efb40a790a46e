import { setTimeout } from 'node:timers/promises';
import { expectRunning } from '../machine/processes.mjs';
import { cpuTime } from '../machine/usage.mjs';
import { addressesFor, stream } from './stream.mjs';
import { Tally } from './tally.mjs';
import { hold } from './visits.mjs';

/** Requests after which memory is looked at, where a kind has no number of its own. */
const COUNT = 5000;

/** How long connections are held open before memory is looked at, in milliseconds. */
const HELD = 2000;

/** What the server has to close connections that strangers have left, in milliseconds. */
const CLOSED = 500;

/** How often a slow kind runs for a second before it counts: there is no path to make hot. */
const SLOW_WARM_UPS = 2;

/** @typedef {{ server: import('../targets/start.mjs').Server, watched: import('./watch.mjs').Watched }} Subject */

/**
 * A server that strangers ask for some seconds, and what each request took of it.
 * @param {Subject} subject
 * @returns {import('../lanes.mjs').Lane}
 */
export function strangersLane(bench, { server, watched }, kind, name) {
  return { name, run, ...(kind.atOnce ? { warmUps: SLOW_WARM_UPS } : {}) };

  async function run(seconds) {
    expectRunning(server.process);
    const tally = new Tally();
    const addresses = await addressesFor(kind, server);
    const from = await watched.look();
    const [begin, cpu] = [Date.now(), cpuTime(server.pid)];
    const until = begin + seconds * 1000;
    const isOver = () => Date.now() >= until;
    await stream(kind, server, tally, addresses, { atOnce: atOnceOf(bench, kind), until, isOver });
    const [took, spent] = [Date.now() - begin, cpuTime(server.pid) - cpu];
    const to = await watched.look();
    tally.check(kind, server.name);
    const { requests, answers, unanswered } = tally;
    const each = (field) => (to[field] - from[field]) / requests;
    return {
      requests,
      perSecond: (requests * 1000) / took,
      cpu: spent / requests,
      keys: each('keys'),
      statements: each('statements'),
      lines: each('lines'),
      answers,
      unanswered,
    };
  }
}

/**
 * What a new server keeps in memory of a number of requests, after as many before them; of connections
 * that are held open, what it needs while they are.
 * @param {Subject} subject
 * @returns {Promise<{ requests: number, alive: number, resident: number }>} bytes alive for each request;
 *   resident memory of all together, in MiB
 */
export async function kept(bench, { server, watched }, kind) {
  const count = kind.count ?? COUNT;
  await send(() => {});
  const from = await watched.memory();
  let to;
  const requests = await send(async () => (to = await watched.memory()));
  to ??= await watched.memory();
  const alive = (to.alive - from.alive) / requests;
  return { requests, alive, resident: to.resident - from.resident };

  async function send(whileHeld) {
    const tally = new Tally();
    const addresses = await addressesFor(kind, server);
    const sent = stream(kind, server, tally, addresses, {
      atOnce: Math.min(count, atOnceOf(bench, kind)),
      until: kind.visit === hold ? Date.now() + 2 * HELD : Infinity,
      isOver: () => tally.requests >= count,
    });
    if (kind.visit === hold) {
      await setTimeout(HELD);
      await whileHeld();
    }
    await sent;
    await setTimeout(CLOSED);
    return tally.requests;
  }
}

function atOnceOf({ options }, { atOnce }) {
  return atOnce ?? options.connections;
}
