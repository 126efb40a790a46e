import type { IntrospectionStrategy, KnownFinding } from '../model/introspection-strategy.js';
import type { BatchedReader } from '../persistence/batched-reader.js';
import { findBy, plansOf } from '../persistence/plans.js';
import type { RegisteredStrategy } from './look-up.js';

/** A strategy as look-ups ask it: one of ours in batches of the reader, one of a host's by promises. */
export function registered(
  strategy: IntrospectionStrategy,
  reader: BatchedReader | undefined,
): RegisteredStrategy {
  const of = plansOf<KnownFinding | undefined>(strategy, 'find', reader);
  if (of) {
    return { strategy, start: of, find: (token) => findBy({ reader, of }, token) };
  }
  return {
    strategy,
    start(token) {
      const finish = strategy.begin?.(token);
      return finish && { want: () => {}, meaning: finish };
    },
    find: (token) => strategy.find(token),
  };
}
