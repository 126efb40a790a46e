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
}

export async function proxyForTest(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let hanging = false;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => void (hanging || to.write(chunk)));
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    });
  onTestFinished(down);
  const url = new URL(databaseUrl);
  url.port = String(port);
  return {
    url: url.href,
    down,
    up: () => listen(port),
    hang: () => {
      hanging = true;
    },
  };
}
