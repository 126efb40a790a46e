import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { connect } from './connection.mjs';

/** Requests that follow one another on a connection: fewer than stop a guesser, which takes twenty. */
const IN_TURN = 15;

/** What is uploaded of one body, in bytes. */
const UPLOADED = 10_485_760;

/** Between two bytes of what trickles in, in milliseconds. */
const TRICKLE = 250;

let numbers = 0;

/**
 * @typedef {object} Visit
 * @property {{ url: string }} server
 * @property {string} address where it comes from
 * @property {import('./tally.mjs').Tally} tally
 * @property {number} [until] when it must come to its end, in milliseconds since the epoch
 */

/** Asks some times, each time after the answer. @param {Visit} visit */
export async function ask(kind, { server, address, tally, until = Infinity }) {
  let number;
  const connection = await connect(server, address, (status, body) =>
    tally.answered(kind, number, status, body),
  );
  for (let turn = 0; turn < IN_TURN && connection.isOpen && Date.now() < until; turn++) {
    number = numbers++;
    tally.sent(1);
    await connection.ask(kind.request(number), 1);
  }
  connection.end();
}

/** Asks as often as this, all at once. @param {Visit & { times: number }} visit */
export async function askAtOnce(kind, { server, address, tally, times }) {
  const requests = Array.from({ length: times }, () => kind.request(numbers++));
  const connection = await connect(server, address, (status, body) =>
    tally.answered(kind, undefined, status, body),
  );
  tally.sent(times);
  await connection.ask(requests.join(''), times);
  connection.end();
}

/** Sends a body, whatever is answered meanwhile, until that is all or the server cuts it off. */
export async function upload(kind, { server, address, tally }) {
  const connection = await connect(server, address, (status, body) =>
    tally.answered(kind, undefined, status, body),
  );
  tally.sent(1);
  const { socket } = connection;
  const answered = connection.ask(kind.request(numbers++), 1);
  const chunk = Buffer.from(kind.chunk);
  for (let bytes = 0; bytes < UPLOADED && connection.isOpen; bytes += chunk.length) {
    if (socket.write(chunk)) continue;
    await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
  }
  await answered;
  connection.end();
}

/** Begins a request, and never ends it. @param {Visit} visit */
export async function hold(kind, { server, address, tally, until }) {
  const connection = await connect(server, address, (status, body) =>
    tally.answered(kind, undefined, status, body),
  );
  tally.sent(1);
  connection.socket.write(kind.request(numbers++));
  while (connection.isOpen && Date.now() < until) {
    await setTimeout(Math.min(TRICKLE, until - Date.now()));
    if (kind.trickle) connection.socket.write(kind.trickle);
  }
  connection.end();
}
