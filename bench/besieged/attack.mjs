// Sends waves of WAVE requests of a KIND for SECONDS, each wave when the one before is answered, and
// prints a line of JSON when the last one is, or when that takes too long.
import { ATTACKER } from '../strangers/addresses.mjs';
import { KINDS } from '../strangers/kinds.mjs';
import { block, stream } from '../strangers/stream.mjs';
import { Tally } from '../strangers/tally.mjs';
import { ask, askAtOnce, hold } from '../strangers/visits.mjs';

/** Requests that are pipelined on one connection at most. */
const PIPELINED = 250;

/** Uploads at a time. */
const UPLOADS = 16;

/** How long the last answers may take when no further wave is sent, in milliseconds. */
const PATIENCE = 40_000;

const { URL: url, KIND, SECONDS, WAVE } = process.env;
const server = { url };
const kind = KINDS.find(({ name }) => name === KIND);
const milliseconds = Number(SECONDS) * 1000;
const tally = new Tally();
let waves = 0;
let slowest = 0;

if (kind.blocked) await block(server, ATTACKER);
console.log('Attacking');
const until = Date.now() + milliseconds;
let begin;
setTimeout(report, milliseconds + PATIENCE);
do {
  begin = performance.now();
  waves++;
  await wave();
  slowest = Math.max(slowest, performance.now() - begin);
} while (Date.now() < until);
report();

function wave() {
  if (kind.visit === ask) return Promise.all(pipelines().map((times) => send(times)));
  const atOnce = kind.visit === hold ? Number(WAVE) : UPLOADS;
  const isOver = () => Date.now() >= until;
  return stream(kind, server, tally, () => ATTACKER, { atOnce, until, isOver });
}

function send(times) {
  return askAtOnce(kind, { server, address: ATTACKER, tally, times });
}

/** How many requests go over each connection. */
function pipelines() {
  const connections = Math.ceil(Number(WAVE) / PIPELINED);
  return Array.from({ length: connections }, () => Math.ceil(Number(WAVE) / connections));
}

/** `slowest`: the longest time from a wave's first byte to its last answer, in milliseconds. */
function report() {
  const { requests, answers, unanswered } = tally;
  if (unanswered > 0) slowest = Math.max(slowest, performance.now() - begin);
  const isAnswered = kind.visit === ask;
  console.log(
    JSON.stringify({ waves, requests, answers, unanswered, ...(isAnswered ? { slowest } : {}) }),
  );
  process.exit();
}
