import type { IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { expect, it, onTestFinished } from 'vitest';
import { databaseForTest } from '../support/database.js';
import { createHost } from '../support/host.js';
import type { Adapter } from '../support/host.js';
import { LAST, exchange } from '../support/raw-http.js';
import { rawRequests } from '../support/raw-requests.js';

/** Begins an answer before the request's body was read, as a time limit of a host's may. */
function answerEarly(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'POST') return;
  response.writeHead(202, { 'Content-Length': '5' }).write('early');
  setImmediate(() => response.end());
}

const EARLY = {
  express: () => {
    const adapter = new ExpressAdapter();
    adapter.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
      answerEarly(request, response);
      next();
    });
    return adapter;
  },
  fastify: () => {
    const adapter = new FastifyAdapter();
    adapter.getInstance().addHook('onRequest', (request, reply, done) => {
      answerEarly(request.raw, reply.raw);
      done();
    });
    return adapter;
  },
};

it.each<Adapter>(['express', 'fastify'])(
  'A16 a too large request that the host has answered already gets no second answer, on %s',
  async (name) => {
    const { dataSource } = await databaseForTest();
    const options = { dataSource, introspection: { bodyLimit: 100 } };
    const app = await createHost(name, options, EARLY[name]());
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const bytes = rawRequests('Basic eDp5').request('x'.repeat(200));
    const next = LAST.replace('/nothing-here', '/introspect');
    const one = await exchange(await app.getUrl(), bytes + next, { patience: 20_000 });
    expect(one).toMatchObject({ statuses: [202, 405], endedBy: 'server' });
  },
);
