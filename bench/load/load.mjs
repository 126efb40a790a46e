import { join } from 'node:path';
import { AUTHORIZATION, TOKEN_DIGITS, TOKEN_PREFIX } from '../fixtures.mjs';
import { has } from '../machine/cores.mjs';
import { finish, launch } from '../machine/processes.mjs';
import { Problem } from '../problem.mjs';

/**
 * Which tokens are asked about.
 * @typedef {object} Draw
 * @property {'access_token' | 'pct'} hint
 * @property {number} first the number of the first token, or, where each has its turn, of the first line
 * @property {number} count how many there are to draw from
 * @property {string} [file] tokens, one a line, all of the same length; absent: numbered opaque ones
 * @property {boolean} [once] each line in its turn, and none twice
 */

/**
 * What a generator has seen; latencies are in microseconds.
 * @typedef {{ requests: number, seconds: number, p50: number, p99: number, used: number }} Load
 */

/** How long an answer may take: a busy machine is slow, which is no error. */
const PATIENCE = '30s';

export const generator = has('wrk') ? 'wrk' : 'autocannon';

/**
 * Asks a server for some seconds.
 * @param {{ placement: import('../machine/cores.mjs').Placement }} bench
 * @param {{ name: string, url: string }} server
 * @param {Draw} draw
 * @param {{ seconds: number, connections: number, answerBytes?: number }} options
 * @returns {Promise<Load>}
 * @throws Problem when an answer was not the one that it should be
 */
export async function load({ placement }, server, draw, { seconds, connections, answerBytes }) {
  const env = {
    LOAD_URL: server.url,
    LOAD_CONNECTIONS: String(connections),
    LOAD_SECONDS: String(seconds),
    LOAD_AUTHORIZATION: AUTHORIZATION,
    LOAD_PREFIX: TOKEN_PREFIX,
    LOAD_DIGITS: String(TOKEN_DIGITS),
    LOAD_HINT: draw.hint,
    LOAD_FIRST: String(draw.first),
    LOAD_COUNT: String(draw.count),
    LOAD_ONCE: String(draw.once ?? false),
    LOAD_SEED: String(Math.floor(Math.random() * 2 ** 31)),
    ...(draw.file ? { LOAD_FILE: draw.file } : {}),
  };
  const said = await finish(launch(generator, placement, placement.rest, commandLine(env), env));
  const result = JSON.parse(said.stderr.trim().split('\n').at(-1));
  check(server, draw, result, { connections, answerBytes });
  return result;
}

function commandLine({ LOAD_URL, LOAD_CONNECTIONS, LOAD_SECONDS }) {
  const here = import.meta.dirname;
  if (generator === 'autocannon') return [process.execPath, [join(here, 'autocannon.mjs')]];
  const script = join(here, 'wrk.lua');
  return [
    'wrk',
    [
      '-t1',
      `-c${LOAD_CONNECTIONS}`,
      `-d${LOAD_SECONDS}s`,
      '--latency',
      '--timeout',
      PATIENCE,
      '-s',
      script,
      LOAD_URL,
    ],
  ];
}

/** A bench that measures errors is worthless. */
function check(
  { name },
  draw,
  { requests, refused, broken, bytes, used },
  { connections, answerBytes },
) {
  if (requests === 0) throw new Problem(`${name} answered nothing.`);
  if (refused > 0) throw new Problem(`${name} refused ${refused} of ${requests} requests.`);
  if (broken > 0) throw new Problem(`${name} broke ${broken} connections or let them wait.`);
  if (draw.once && used > draw.count) {
    throw new Problem(`${used} tokens were needed and ${draw.count} are there: use fewer seconds.`);
  }
  // Right answers are all of one length, and wrong ones are shorter. At the end there may be a part
  // of one more on each connection.
  const extra = bytes - requests * answerBytes;
  if (answerBytes && (extra < 0 || extra > connections * answerBytes)) {
    throw new Problem(
      `${name} sent ${(bytes / requests).toFixed(1)} bytes an answer, and not ${answerBytes}: ` +
        'some answers were wrong.',
    );
  }
}
