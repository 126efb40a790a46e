import type { FastifyInstance } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { FORM, ask } from '../support/http.js';
import { expectActive, startWorld } from '../support/world.js';

it.each([
  ['/OAuth/Token-Info', '/OAuth/Token-Info', 0],
  ['oauth/introspect', '/oauth/introspect', 0],
  ['oauth/introspect', '/oauth/%69ntrospect', 1],
])('the path %s: %s passes Fastify %i times', async (path, asked, times) => {
  let seen = 0;
  const world = await startWorld('node', {
    introspection: { path },
    configure: (app) => {
      const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
      fastify.addHook('onRequest', (_request, _reply, done) => {
        seen++;
        done();
      });
    },
  });
  onTestFinished(() => world.stop());
  const token = await world.issue();
  const headers = [...FORM, 'Authorization', world.authorization('rs')];
  const question = { path: asked, headers, body: `token=${token}` };
  expectActive(await ask(world.origin, question));
  expect(seen).toBe(times);
});
