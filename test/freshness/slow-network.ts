import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** How late an answer is, in milliseconds. */
const lateness = () => Math.random() * 4;

/** A connection of a server to its database. */
interface Line {
  /** Something was asked and its answer has not come through. */
  busy: boolean;
  /** When answers pass again. */
  passable: Promise<unknown>;
}

/**
 * A network between a server and its database. Each answer is a little late, so that reads are under
 * way for long; and connections can be stalled while others go on, as when a packet is lost.
 */
export async function slowNetwork(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const lines = new Set<Line>();
  const proxy = createServer((server) => {
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [server, database]) sockets.add(socket.setNoDelay().on('error', () => {}));
    const line: Line = { busy: false, passable: Promise.resolve() };
    lines.add(line);
    server.on('data', (chunk) => {
      line.busy = true;
      database.write(chunk);
    });
    // Within a connection nothing overtakes.
    let passed = Promise.resolve();
    database.on('data', (chunk) => {
      const due = performance.now() + lateness();
      passed = passed
        .then(() => setTimeout(due - performance.now()))
        .then(() => line.passable)
        .then(() => {
          line.busy = false;
          server.write(chunk);
        });
    });
    server.on('close', () => database.destroy());
    database.on('close', () => {
      server.destroy();
      lines.delete(line);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    /** Keeps back the answers to about half of what is under way, until this is settled. */
    stall: (until: Promise<unknown>) => {
      for (const line of lines) {
        if (line.busy && Math.random() < 0.5) line.passable = Promise.all([line.passable, until]);
      }
    },
    close: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
