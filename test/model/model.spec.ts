import fc from 'fast-check';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { IntrospectionTesting } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/host.js';
import { PROFILES, Reference } from './reference.js';
import type { Name } from './reference.js';
import { startServer } from './server.js';
import { counts, sequences } from './steps.js';

/** How many sequences each adapter goes through; `npm run test:model` has thousands. */
const SEQUENCES = Number(process.env['MODEL_SEQUENCES'] ?? 20);

const START = Date.UTC(2030, 0, 1);

describe.each([
  ...ADAPTERS.map((adapter) => [adapter, 'Postgres'] as const),
  ['fastify', 'memory'] as const,
])('Whatever is done in whatever order, on %s and in %s', (adapter, storage) => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer(
      adapter,
      storage === 'memory' ? new IntrospectionTesting() : undefined,
    );
  });
  afterAll(async () => {
    vi.useRealTimers();
    await server.stop();
    if (process.env['MODEL_SEQUENCES']) console.table(Object.fromEntries(counts));
  });

  it('S, B4, D4, D5, D6, D20: every answer is the reference model’s', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    const property = fc.asyncProperty(sequences, (steps) => fc.asyncModelRun(() => begin(), steps));
    await fc.assert(property, { numRuns: SEQUENCES });
  });

  /** A clock at its start, and everybody registered. */
  async function begin() {
    vi.setSystemTime(START);
    const [model, real] = [new Reference(START), server.sequence()];
    for (const name of Object.keys(PROFILES) as Name[]) {
      model.register(name, await real.register(name));
    }
    return { model, real };
  }
});
