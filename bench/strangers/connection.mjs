import { once } from 'node:events';
import { connect as open } from 'node:net';

/**
 * A connection from an address of the loopback network, for requests of any bytes.
 * @param {{ url: string }} server
 * @param {string} localAddress
 * @param {(status: number, body: string) => void} onAnswer called for each whole answer
 */
export async function connect({ url }, localAddress, onAnswer) {
  const { hostname: host, port } = new URL(url);
  const socket = open({ host, port: Number(port), localAddress, noDelay: true });
  await once(socket, 'connect');
  let isOpen = true;
  let awaited = 0;
  let settle = () => {};
  // A server may cut a stranger off; the tally tells that answers are missing.
  socket.on('error', () => {});
  socket.on('close', () => {
    isOpen = false;
    settle();
  });
  readAnswers(socket, (status, body) => {
    onAnswer(status, body);
    if (--awaited === 0) settle();
  });
  return {
    socket,
    get isOpen() {
      return isOpen;
    },
    /** Sends some requests at once, and waits until all are answered or the connection is closed. */
    ask(text, count) {
      awaited += count;
      socket.write(text);
      return new Promise((resolve) => {
        settle = resolve;
        if (!isOpen) resolve();
      });
    },
    end: () => socket.destroy(),
  };
}

/** Calls for each whole answer. One without a length is Node's own, and has no body. */
function readAnswers(socket, onAnswer) {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    let begin = 0;
    for (let end; (end = text.indexOf('\r\n\r\n', begin)) >= 0;) {
      const head = text.slice(begin, end);
      const [, length = '0'] = /^content-length: (\d+)/im.exec(head) ?? [];
      const next = end + 4 + Number(length);
      if (text.length < next) break;
      onAnswer(Number(head.slice(9, 12)), text.slice(end + 4, next));
      begin = next;
    }
    text = text.slice(begin);
  });
}
