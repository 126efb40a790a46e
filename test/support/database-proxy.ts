import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Stands between the server and its database, so that a test can take the database away. */
export interface DatabaseProxy {
  /** The URL of the same database, by way of the proxy. */
  readonly url: string;
  /** Cuts every connection; new ones are refused. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Cuts nothing, but passes nothing on either. */
  hang(): void;
  /** Of what the database says from now on, each connection passes on so many bytes and no more. */
  stall(bytes: number): void;
  /** Passes on what was kept back, and all that follows. */
  resume(): void;
  /** New connections get through again; nothing more is heard of the others. */
  renew(): void;
  /** Where connections lead from now on; those that are open stay. */
  turnTo(port: number): void;
  /** Cuts one connection, by its place in the order of their begin. */
  cut(at: number): void;
  /** How many reads of introspections each connection has carried, in the order of their begin. */
  reads(): number[];
}

/** A connection to the database, and the bytes that it still passes on. */
interface Line {
  readonly server: Socket;
  readonly database: Socket;
  reads: number;
  left: number;
}

export async function proxyForTest(databaseUrl: string): Promise<DatabaseProxy> {
  const proxy = await startProxy(databaseUrl);
  onTestFinished(() => proxy.down());
  return proxy;
}

export async function startProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const lines: Line[] = [];
  let hanging = false;
  let allowance = Infinity;
  const listener = createServer((server) => {
    const database = connect(Number(target.port), target.hostname);
    const line: Line = { server, database, reads: 0, left: allowance };
    lines.push(line);
    server.on('data', (chunk) => {
      if (READ.test(chunk.toString('latin1'))) line.reads++;
      database.write(chunk);
    });
    database.on('data', (chunk) => {
      const passed = chunk.subarray(0, line.left);
      server.write(passed);
      line.left -= passed.length;
      if (passed.length === chunk.length) return;
      database.pause();
      database.unshift(chunk.subarray(passed.length));
    });
    for (const [one, other] of [
      [server, database],
      [database, server],
    ] as const) {
      one.on('error', () => {}).on('close', () => other.destroy());
      if (hanging) one.pause();
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = listener.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.port = String(port);
  return {
    url: url.href,
    down: () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const { server, database } of lines) {
          server.destroy();
          database.destroy();
        }
      }),
    up: () => listen(port),
    hang: () => {
      hanging = true;
      for (const { server, database } of lines) {
        server.pause();
        database.pause();
      }
    },
    stall: (bytes) => {
      allowance = bytes;
      for (const line of lines) line.left = bytes;
    },
    renew: () => {
      hanging = false;
      allowance = Infinity;
    },
    resume: () => {
      hanging = false;
      allowance = Infinity;
      for (const line of lines) {
        line.left = Infinity;
        line.server.resume();
        line.database.resume();
      }
    },
    turnTo: (other) => {
      target.port = String(other);
    },
    cut: (at) => void lines[at]!.database.destroy(),
    reads: () => lines.map(({ reads }) => reads),
  };
}

/** The name of the prepared statement, which goes with every read. */
const READ = /introspection [\w-]{43}\0/;
