import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { expect, it, onTestFinished } from 'vitest';
import { TypeOrmClientRepository } from '../../src/index.js';
import { databaseForTest } from '../support/database.js';
import { createHost } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import { INACTIVE } from '../support/world.js';

it('A16 over HTTP/2 a request that is too large does not end its connection', async () => {
  const { dataSource } = await databaseForTest();
  const adapter = new FastifyAdapter({ http2: true } as object);
  const app = await createHost('fastify', { dataSource }, adapter);
  await app.listen(0, '127.0.0.1');
  const session = connect(await app.getUrl());
  onTestFinished(async () => {
    session.destroy();
    await app.close();
  });
  const { clientSecret } = await app.get(TypeOrmClientRepository).create({ clientId: 'rs' });
  const authorization = basic('rs', clientSecret);
  expect(await post(session, authorization, 'token=a')).toEqual([200, INACTIVE]);
  expect(await post(session, authorization, 'x'.repeat(70_000))).toEqual([
    413,
    expect.stringContaining('invalid_request'),
  ]);
  expect(await post(session, authorization, 'token=a')).toEqual([200, INACTIVE]);
});

function post(session: ClientHttp2Session, authorization: string, body: string) {
  return new Promise((resolve, reject) => {
    const target = { ':method': 'POST', ':path': '/introspect' };
    const stream = session.request({ ...target, 'content-type': FORM[1], authorization });
    let status: number | undefined;
    let text = '';
    stream.on('response', (headers) => (status = headers[':status']));
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.on('end', () => resolve([status, text])).on('error', reject);
    stream.end(body);
  });
}
