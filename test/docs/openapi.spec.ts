import type { INestApplication } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/http.js';
import { expectValidDocument } from '../support/openapi.js';
import { startWorld } from '../support/world.js';
import { sample } from './sample.js';

describe('What docs/in-your-application.md shows of OpenAPI', () => {
  it('serves the endpoint in a document of @nestjs/swagger', async () => {
    const { serveOpenApi } = await sample<{ serveOpenApi: (app: INestApplication) => void }>(
      'in-your-application/swagger',
    );
    const world = await startWorld('express', { configure: serveOpenApi });
    const { json } = await ask(world.origin, { method: 'GET', path: '/api-json' });
    await expectValidDocument(json);
    expect(Object.keys(json['paths'] as object)).toEqual(['/introspect']);
    await world.stop();
  });

  it('has the endpoint in a document without it', async () => {
    const { document } = await sample<{ document: { paths: object } }>(
      'in-your-application/openapi',
    );
    await expectValidDocument(document);
    expect(Object.keys(document.paths)).toEqual(['/api/introspect']);
  });
});
