import type { RequestListener } from 'node:http';
import type { Server } from 'node:https';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Environment } from '../environment/environment.js';
import { Failure, detailOf } from '../failure.js';
import { renewCertificate } from './certificate-renewal.js';
import { createHttpServer } from './http-server.js';
import { EndpointAdapter } from '../../src/http/adapters/adapter.js';
import type { NodeHandler } from '../../src/http/adapters/node.js';
import { BatchedReader } from '../../src/persistence/batched-reader.js';
import { KeySource } from '../../src/model/key-source.js';
import { sendError } from './json-exception.filter.js';
import { PinoLoggerService } from './logger.js';
import type { Measures } from './measures.js';
import { ServerModule } from './server.module.js';
import { transportSecurity } from './tls.js';

/** How long the requests in flight have to be answered when the server stops, in milliseconds. */
const REQUESTS_ANSWERED_WITHIN_MS = 7000;

export interface Application {
  /** The URL where it answers, without a path. */
  readonly origin: string;
  /** Its metrics; absent where the environment asks for none. */
  readonly measures: Measures | undefined;
  /** Accepts no more connections, answers the requests in flight, and cuts off those that are late. */
  close(): Promise<void>;
}

/** @throws Failure when it cannot listen. */
export async function startApplication(
  environment: Environment,
  dataSource: DataSource,
  logger: Logger,
): Promise<Application> {
  const certificate = await transportSecurity(environment);
  // Answers POST at the endpoint, which does not need Fastify. Set while the server runs.
  let endpoint: NodeHandler | undefined;
  const adapter = new FastifyAdapter({
    logger: false,
    serverFactory: (fastifyListener: RequestListener) =>
      createHttpServer(certificate, (request, response) => {
        if (!endpoint?.(request, response)) fastifyListener(request, response);
      }),
    // The server has no Connect middleware.
    skipMiddie: true,
    // No route uses Fastify's request ids: the endpoint makes its own.
    genReqId: () => '',
    return503OnClosing: false,
    frameworkErrors: (error: FastifyError, _request: unknown, reply: FastifyReply) =>
      sendError(reply, error.statusCode ?? 400),
  });
  // Fastify parses no bodies: the endpoint reads its own, and no other route needs one.
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const measures = environment.metrics && new (await import('./measures.js')).Measures();
  const app = await NestFactory.create<NestFastifyApplication>(
    ServerModule.for(environment, dataSource, logger, measures && [measures]),
    adapter,
    { logger: new PinoLoggerService(logger), abortOnError: false, bodyParser: false },
  );
  measures?.watch({
    dataSource,
    reader: app.get(BatchedReader, { strict: false }),
    keys: app.get(KeySource, { strict: false }),
    issuer: environment.issuer,
  });
  await app.init();
  endpoint = app.get(EndpointAdapter, { strict: false }).nodeHandler();
  await listen(app, environment);
  const protocol = certificate ? 'https' : 'http';
  if (certificate) {
    const server = app.getHttpServer() as unknown as Server;
    renewCertificate(server, environment.tls!, certificate, logger);
  }
  return {
    origin: originOf(app, protocol),
    measures,
    close: () => {
      // From now on Fastify answers, because it tells the clients that their connections end.
      endpoint = undefined;
      return close(app);
    },
  };
}

async function listen(app: NestFastifyApplication, { host, port }: Environment): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      code === 'EADDRINUSE'
        ? `The port ${port} on ${host} is taken: stop what listens there, or set PORT.`
        : `The server cannot listen on ${host}, port ${port} (${detailOf(error)}): correct HOST or PORT.`,
      { cause: error },
    );
  }
}

/** The address that a client on this machine can use. */
function originOf(app: NestFastifyApplication, protocol: 'http' | 'https'): string {
  const address = app.getHttpServer().address();
  if (typeof address !== 'object' || !address) return String(address);
  const everywhere = address.address === '0.0.0.0' || address.address === '::';
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${protocol}://${everywhere ? 'localhost' : host}:${address.port}`;
}

async function close(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  // Node does not close a connection that had a request in flight when the server closed, so we do.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), REQUESTS_ANSWERED_WITHIN_MS);
  try {
    // First, because app.close() lets the providers go before the server, and requests in flight need them.
    await app.getHttpAdapter().close();
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
