import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/database.js';
import { ask } from '../support/http.js';
import type { Question } from '../support/http.js';
import { startServer } from '../support/programs.js';
import type { ServerProcess } from '../support/programs.js';

let server: ServerProcess;
beforeAll(async () => {
  const { url, dataSource } = await freshDatabase();
  await dataSource.destroy();
  server = await startServer({ DATABASE_URL: url });
});
afterAll(async () => void (await server.stop()));

describe('beside the endpoint', () => {
  it.each<[Question, number, string]>([
    [{ method: 'GET', path: '/' }, 404, 'not_found'],
    [{ method: 'GET', path: '/nothing?token=in-the-query' }, 404, 'not_found'],
    [{ method: 'POST', path: '/introspect/more', body: 'token=x' }, 404, 'not_found'],
    [{ method: 'POST', path: '/health/ready' }, 404, 'not_found'],
    [{ method: 'GET', path: '/%zz' }, 400, 'invalid_request'],
    [{ method: 'GET', path: '/introspect' }, 405, 'invalid_request'],
    [
      { path: '/nothing', headers: ['Content-Type', 'application/json'], body: '{"token":' },
      404,
      'not_found',
    ],
  ])('answers %j with %i %s as JSON', async (question, status, error) => {
    const answer = await ask(server.origin, question);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error, error_description: expect.any(String) });
    expect(answer.text).not.toMatch(/in-the-query|zz/);
    expect(answer.headers['content-type']).toBe('application/json');
  });
});
