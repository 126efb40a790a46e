import { once } from 'node:events';
import { connect as open } from 'node:net';
import { Problem } from '../problem.mjs';

/** One connection to the server, on which one question is asked at a time. */
export async function connect({ name, url }) {
  const { hostname, port } = new URL(url);
  const socket = open({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let arrived;
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    if (isWhole(text)) arrived?.(text);
  });
  return { ask, end: () => socket.destroy() };

  /** @returns the answer, and how long it took in microseconds */
  async function ask(bytes) {
    text = '';
    const answer = new Promise((resolve, reject) => {
      arrived = resolve;
      socket.once('close', () => reject(new Problem(`${name} closed the connection.`)));
    });
    const begin = process.hrtime.bigint();
    socket.write(bytes);
    const said = await answer;
    const time = Number(process.hrtime.bigint() - begin) / 1000;
    socket.removeAllListeners('close');
    return { said, time };
  }
}

function isWhole(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const [, length] = /^content-length: (\d+)/im.exec(text) ?? [];
  return text.length >= end + 4 + Number(length);
}
