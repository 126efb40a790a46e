import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { databaseForTest } from '../support/database.js';
import { ask } from '../support/http.js';
import { AnswerValidator, expectValidDocument } from '../support/openapi.js';
import { directoryForTest, serverForTest } from '../support/programs.js';
import type { ServerProcess, Variables } from '../support/programs.js';
import type { OpenApiOperation } from '../../src/index.js';

const PAGES = ['/docs', '/openapi.json'];

const serverWith = async (variables: Variables = {}) => {
  const { url } = await databaseForTest();
  return serverForTest({ DATABASE_URL: url, ...variables });
};
const get = ({ origin }: ServerProcess, path: string) => ask(origin, { method: 'GET', path });

interface Document {
  paths: Record<string, Record<string, OpenApiOperation>>;
}

describe('/openapi.json', () => {
  it('describes what the server serves, and what it answers', async () => {
    const server = await serverWith();
    const { headers, text } = await get(server, '/openapi.json');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const document = JSON.parse(text) as Document;
    await expectValidDocument(document);
    expect(Object.keys(document.paths)).toEqual(['/introspect', '/health/live', '/health/ready']);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { responses }] of Object.entries(operations)) {
        const answer = await ask(server.origin, { method: method.toUpperCase(), path });
        new AnswerValidator(responses).expectDescribed(answer);
      }
    }
  });

  it('describes a server that is not ready', async () => {
    const { url, dataSource } = await databaseForTest();
    const server = await serverForTest({ DATABASE_URL: url });
    await dataSource.query('DELETE FROM migrations');
    const { paths } = (await get(server, '/openapi.json')).json as unknown as Document;
    const answer = await get(server, '/health/ready');
    expect(answer.status).toBe(503);
    new AnswerValidator(paths['/health/ready']!['get']!.responses).expectDescribed(answer);
  });
});

it('/openapi.json has the endpoint where the operator has put it', async () => {
  const server = await serverWith({ INTROSPECTION_PATH: '/OAuth/Token-Info' });
  const { paths } = (await get(server, '/openapi.json')).json as unknown as Document;
  expect(Object.keys(paths)[0]).toBe('/OAuth/Token-Info');
  const answer = await ask(server.origin, { path: '/OAuth/Token-Info' });
  new AnswerValidator(paths['/OAuth/Token-Info']!['post']!.responses).expectDescribed(answer);
});

describe('/docs', () => {
  it('is a page that may load what the server serves, and nothing else', async () => {
    const server = await serverWith();
    const { headers, text } = await get(server, '/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers['referrer-policy']).toBe('no-referrer');
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!);
    expect(addresses).toEqual([
      'data:,',
      'docs/swagger-ui.css',
      'docs/swagger-ui-bundle.js',
      'docs/browser.js',
    ]);
    for (const address of addresses.slice(1)) {
      const file = await get(server, `/${address}`);
      expect(file.status, address).toBe(200);
      expect(file.headers['x-content-type-options']).toBe('nosniff');
      expect(file.headers['content-type']).toMatch(
        address.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
      );
      expect(file.text.length).toBeGreaterThan(100);
    }
  });

  it.each([
    '/docs/',
    '/docs/page.js',
    '/docs/..%2fmain.js',
    '/docs/%2e%2e%2f%2e%2e%2fpackage.json',
  ])('has no %s', async (path) => {
    expect(await get(await serverWith(), path)).toMatchObject({
      status: 404,
      json: { error: 'not_found' },
    });
  });
});

describe('both', () => {
  it.each<[Variables, number]>([
    [{}, 200],
    [{ NODE_ENV: 'development' }, 200],
    [{ WORKERS: '2' }, 200],
    [{ NODE_ENV: 'production' }, 404],
    [{ NODE_ENV: 'production', DOCS: 'true' }, 200],
    [{ DOCS: 'false' }, 404],
  ])('under %j are %i', async (variables, status) => {
    const server = await serverWith(variables);
    for (const path of PAGES) expect((await get(server, path)).status, path).toBe(status);
    expect((await get(server, '/docs/browser.js')).status).toBe(status);
  });
});

describe('the demo', () => {
  it.each<[Variables, boolean]>([
    [{}, true],
    [{ DOCS: 'false' }, false],
  ])('under %j names the page: %s', async (variables, named) => {
    const DATA_DIR = await directoryForTest();
    const server = await serverForTest({ DATA_DIR, ...variables }, ['--demo']);
    const { exited } = server;
    await server.stop();
    const { stdout } = await exited;
    expect(stdout).toContain('# an opaque token');
    expect(stdout.includes(`\n  ${server.origin}/docs#client_id=`)).toBe(named);
  });
});

it('/docs costs no memory for those who ask for its files and take in no answer', async () => {
  const server = await serverWith();
  const file = '/docs/swagger-ui-bundle.js';
  expect((await get(server, file)).status).toBe(200);
  const before = await residentBytes(server);
  const { hostname, port } = new URL(server.origin);
  for (let i = 0; i < 5; i++) {
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    const asked = once(socket, 'connect');
    socket.pause().write(`GET ${file} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(100));
    await asked;
  }
  // This one comes after them all.
  expect((await get(server, file)).status).toBe(200);
  expect((await residentBytes(server)) - before).toBeLessThan(200 * 2 ** 20);
});

async function residentBytes({ processId }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1024;
}
