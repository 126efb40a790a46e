import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { prometheusContentType } from 'prom-client';
import { Failure, detailOf, oneLine } from '../failure.js';
import { createHttpServer } from './http-server.js';

export interface MetricsEndpoint {
  /** The URL where it answers. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` on another port than the endpoint's, so that the resource servers need not reach it.
 *
 * @param read returns the metrics in Prometheus' text format
 * @throws Failure when it cannot listen.
 */
export async function serveMetrics(
  { host, port }: { host: string; port: number },
  read: () => Promise<string>,
  logger: Logger,
): Promise<MetricsEndpoint> {
  const server = createHttpServer(undefined, (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') return respond(response, 404);
    read().then(
      (text) => respond(response, 200, text),
      (error: unknown) => {
        logger.error(`The measures cannot be read: ${oneLine(error)}`);
        respond(response, 503);
      },
    );
  });
  await listen(server, host, port);
  const { address, family, port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function respond(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'Content-Type': prometheusContentType }).end(text);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Failure(
          `The metrics cannot be served on ${host}, port ${port} (${detailOf(error)}): correct ` +
            'METRICS_HOST or METRICS_PORT.',
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
}
