import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connected } from '../database/postgres.mjs';
import { load } from '../load/load.mjs';
import { atTheEnd, tidily } from '../machine/cleanup.mjs';
import { finish, launch, ready, stop } from '../machine/processes.mjs';
import { cpuTime } from '../machine/usage.mjs';
import { Problem } from '../problem.mjs';
import { TOKENS } from '../strangers/kinds.mjs';
import { introduceChosen } from '../strangers/servers.mjs';

/** How often each correct caller asks in a second. */
export const RATE = 100;

/** How long the correct callers ask before the attack begins, in milliseconds. */
const IN_PEACE = 1500;

/** Under full load, so that the server is warm when it begins, in seconds. */
const WARM_UP = 2;

/**
 * A new server that is attacked by strangers of a kind while correct callers ask.
 * @param {{ database: string, jwtFile: string, start: () => Promise<import('../targets/start.mjs').Server> }} scene
 * @param {import('../strangers/kinds.mjs').Kind} [kind] absent: there is no attack
 * @returns {Promise<Siege>}
 */
export function siege(bench, { database, jwtFile, start }, kind, seconds) {
  return tidily(async () => {
    await connected(database, (client) => client.query('TRUNCATE authentication_failure'));
    const server = await start();
    await introduceChosen(server);
    const draw = { hint: 'access_token', first: 0, count: TOKENS };
    await load(bench, server, draw, { seconds: WARM_UP, connections: bench.options.connections });

    const env = { URL: server.url, SECONDS: String(seconds) };
    const callers = run(bench, 'callers', { ...env, RATE: String(RATE), JWT_FILE: jwtFile });
    await ready(callers, /Asking/);
    await setTimeout(IN_PEACE);
    const before = cpuTime(server.pid);
    const attack = kind && (await attackOf(bench, kind, env));
    process.kill(callers.pid, 'SIGUSR2');
    const [said, strangers] = await Promise.all([lastLine(callers), attack && lastLine(attack)]);
    const cpu = (cpuTime(server.pid) - before) / 1e6;
    for (const [name, { outcomes }] of Object.entries(said)) {
      if (outcomes.wrong) throw new Problem(`${server.name} answers “${name}” wrongly.`);
    }
    return { cpu, strangers, callers: said };
  });
}

/**
 * @typedef {object} Siege
 * @property {number} cpu of the server until the last answer, in seconds
 * @property {object} [strangers] what attack.mjs prints
 * @property {Record<string, object>} callers what callers.mjs prints
 */

async function attackOf(bench, kind, env) {
  const { wave } = bench.options;
  const attack = run(bench, 'attack', { ...env, KIND: kind.name, WAVE: String(wave) });
  await ready(attack, /Attacking/);
  return attack;
}

/** Strangers have machines of their own: here they give way to all others. */
function run({ placement }, name, env) {
  const script = join(import.meta.dirname, `${name}.mjs`);
  const command =
    name === 'attack'
      ? ['nice', ['-n', '10', process.execPath, script]]
      : [process.execPath, [script]];
  const child = launch(name, placement, placement.rest, command, env);
  atTheEnd(() => stop(child));
  return child;
}

async function lastLine(child) {
  const { stdout } = await finish(child);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}
