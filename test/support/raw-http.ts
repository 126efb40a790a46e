import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How one connection went. */
export interface Exchange {
  /** The statuses of its answers, in order. */
  readonly statuses: number[];
  readonly bodies: string[];
  /** Who ended it: the server, or we, who had waited long enough. */
  readonly endedBy: 'server' | 'client';
}

/** Connects, by TLS with whatever certificate where the origin says https. */
export function connectTo(origin: string): Promise<Socket> {
  const { protocol, hostname: host, port } = new URL(origin);
  const isSecure = protocol === 'https:';
  return new Promise((resolve, reject) => {
    const to = { host, port: Number(port), noDelay: true };
    const socket = isSecure ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to);
    socket.once('error', reject);
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      socket.off('error', reject);
      // Whatever becomes of it: that the server closes it is what is looked at.
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/**
 * Sends these bytes on a connection of their own, and reads until it ends, or for so many milliseconds.
 * @param afterAnswer bytes to send when the first of an answer has come
 */
export async function exchange(
  origin: string,
  bytes: string,
  { patience, afterAnswer }: { patience: number; afterAnswer?: string },
): Promise<Exchange> {
  const socket = await connectTo(origin);
  const read = readAll(socket, patience);
  if (afterAnswer !== undefined) socket.once('data', () => socket.write(afterAnswer, 'latin1'));
  socket.write(bytes, 'latin1');
  return read;
}

/** Reads what comes until the connection ends, or for so many milliseconds. */
export function readAll(socket: Socket, patience: number): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    let text = '';
    let endedBy: Exchange['endedBy'] = 'server';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('end', () => socket.destroy());
    const enough = setTimeout(() => {
      endedBy = 'client';
      socket.destroy();
    }, patience);
    socket.on('close', () => {
      clearTimeout(enough);
      try {
        resolve({ ...parseAnswers(text), endedBy });
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Answers one after the other, each with its length, or with chunks that are of no interest. */
export function parseAnswers(text: string): Pick<Exchange, 'statuses' | 'bodies'> {
  const statuses: number[] = [];
  const bodies: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\r\n\r\n', at);
    const head = text.slice(at, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (end < 0 || Number.isNaN(status))
      throw new Error(`Not an answer: ${text.slice(at, at + 80)}`);
    const chunked = /^transfer-encoding: *chunked/im.test(head);
    const length = chunked
      ? text.indexOf('0\r\n\r\n', end) + 5 - (end + 4)
      : Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    statuses.push(status);
    bodies.push(text.slice(end + 4, end + 4 + length));
    at = end + 4 + length;
  }
  return { statuses, bodies };
}

/** Ends the connection, if it is still in use, with an answer that nothing else has. */
export const LAST = 'GET /nothing-here HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

/** A TLS record that says it has 512 bytes, and the first of them. */
export const HALF_CLIENT_HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03';
