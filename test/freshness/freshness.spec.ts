import { describe, expect, it, onTestFinished } from 'vitest';
import { raced, violations } from './checker.js';
import { startCluster } from './cluster.js';
import { History } from './history.js';
import { work } from './workload.js';

const LOAD = { opaqueTokens: 100, jwts: 100, owners: 8, callers: 8, rounds: 3 };
/** A token is revoked once; in a round an owner is disabled and enabled, a caller gets a new secret. */
const WRITES = LOAD.opaqueTokens + LOAD.jwts + LOAD.rounds * (2 * LOAD.owners + LOAD.callers);

/** It always ends; only a machine that is very busy takes so long. */
const PATIENCE = 600_000;

describe('Freshness', () => {
  it(
    'no call that begins after a write was acknowledged is answered from before it, at any server',
    async () => {
      const cluster = await startCluster();
      onTestFinished(() => cluster.stop());
      const history = new History();
      await work(cluster, history, LOAD);

      expect(violations(history).slice(0, 10)).toEqual([]);

      // It was put to the test: each write raced with calls, and had others answered active.
      const racing = new Set(raced(history));
      const others = history.calls.filter((call) => !racing.has(call));
      expect(history.writes).toHaveLength(WRITES);
      expect(racing.size).toBeGreaterThanOrEqual(WRITES);
      expect(others.filter(({ reply }) => reply === 'active').length).toBeGreaterThanOrEqual(
        WRITES,
      );
    },
    PATIENCE,
  );
});
