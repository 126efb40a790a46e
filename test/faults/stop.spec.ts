import { expect, it } from 'vitest';
import { startServer } from '../support/programs.js';
import type { ServerProcess } from '../support/programs.js';
import { decisions, expectStopped } from '../support/workers.js';
import { questionsOf, startCopy } from './database.js';
import { originalForFile, playScene } from './scene.js';

const original = originalForFile();

it('SIGTERM under load: every request that was accepted is answered', async () => {
  const database = await startCopy(original());
  const variables = { DATABASE_URL: database.url() };
  const first = await startServer(variables);
  let second: ServerProcess | undefined;
  const callers = await playScene('SIGTERM under load, started again', {
    origin: first.origin,
    headers: original().headers,
    questions: questionsOf(original()),
    goesAway: true,
    fault: async () => {
      expectStopped(await first.stop(), [first.processId]);
      return async () => {
        second = await startServer({ ...variables, PORT: new URL(first.origin).port });
      };
    },
  });
  expectStopped(await second!.stop(), [second!.processId]);
  expect(callers.unmet).toBeGreaterThan(0);
  expect(decisions(first).length + decisions(second!).length).toBe(callers.right);
});
