import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type JwksState = Awaited<ReturnType<typeof jwksServer>>['state'];

/** A JWK Set endpoint whose answers the test decides. */
export async function jwksServer() {
  const state = { requests: 0, status: 200, body: '{"keys":[]}', stall: false, end: true };
  const server = createServer((_request, response) => {
    state.requests++;
    if (state.stall) return;
    response.writeHead(state.status, { 'Content-Type': 'application/json' }).write(state.body);
    if (state.end) response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  return { state, url };
}
