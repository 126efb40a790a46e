import { describe, expect, it } from 'vitest';
import { DOORS } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import type { Question } from '../support/http.js';
import { expectActive, expectError, startWorld } from '../support/world.js';

describe.each(DOORS)('E. Errors, on %s', (adapter) => {
  it('E1, E2 every error has the shape, and echoes nothing of the request', async () => {
    const world = await startWorld(adapter);
    const marker = 'Zx9"\\<script>';
    const encoded = encodeURIComponent(marker);
    const rs = ['Authorization', world.authorization('rs')];
    const questions: [number, Question][] = [
      [401, { headers: [...FORM], body: `token=${encoded}` }],
      [401, { headers: [...FORM, 'Authorization', `Digest ${encoded}`], body: `token=${encoded}` }],
      [
        401,
        { headers: [...FORM, 'Authorization', basic(marker, marker)], body: `token=${encoded}` },
      ],
      [
        403,
        {
          headers: [...FORM, 'Authorization', world.authorization('mute')],
          body: `token=${encoded}`,
        },
      ],
      [400, { headers: [...FORM, ...rs], body: `${encoded}=${encoded}` }],
      [400, { headers: [...FORM, ...rs], body: `token=${encoded}&token=${encoded}` }],
      [400, { headers: [...FORM, ...rs], body: `token=${encoded}&token_type_hint=${encoded}` }],
      [400, { headers: [...FORM, ...rs], body: `token=${encoded}&client_id=${encoded}` }],
      [400, { headers: [...FORM, ...rs], body: `token=${encoded}&client_secret=${encoded}` }],
      [405, { method: 'PUT', headers: [...FORM, ...rs], body: `token=${encoded}` }],
      [413, { headers: [...FORM, ...rs], body: encoded.repeat(10_000) }],
      [415, { headers: ['Content-Type', encoded, ...rs], body: `token=${encoded}` }],
    ];
    for (const [status, question] of questions) {
      // `send` holds every answer against E1 and E2.
      const answer = await world.send(question);
      expect(answer.status, answer.text).toBe(status);
      expect(answer.text).not.toContain('Zx9');
      expect(answer.text).not.toContain('statusCode');
      expect(answer.text).not.toMatch(/\bat .*\.(js|ts):\d+/);
      expect(JSON.stringify(answer.headers)).not.toContain('Zx9');
    }
    await world.stop();
  });

  it('E6 a database that does not answer → 503 with Retry-After, for every caller and token', async () => {
    const world = await startWorld(adapter);
    const live = await world.issue();
    expectActive(await world.introspect(live));
    await world.dataSource.destroy();
    for (const token of [live, 'unknown']) {
      const answer = await world.introspect(token);
      expectError(answer, 503, 'temporarily_unavailable');
      expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    }
    const wrong = { headers: [...FORM, 'Authorization', basic('rs', 'wrong')], body: 'token=x' };
    expectError(await world.send(wrong), 503, 'temporarily_unavailable');
    await world.dataSource.initialize();
    expectActive(await world.introspect(live));
    await world.stop();
  });
});
