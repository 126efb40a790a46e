import type { Soon } from '../model/soon.js';
import type { BatchedReader } from './batched-reader.js';
import type { Plan } from './plan.js';
import { NO_ROWS } from './rows.js';

/** How something is found out by key together with other things, in one batch of the reader. */
export interface Plans<Meaning> {
  /** Absent: no plan needs any rows. */
  readonly reader: BatchedReader | undefined;
  /** Whose public method does the same for those who wait for a promise. */
  readonly owner: object;
  /** @returns `undefined` when it is clear without a look that there is nothing under the key. */
  readonly of: (key: string) => Plan<Meaning> | undefined;
}

/** Where a repository or a strategy of ours has its plans; it is private to this package. */
export const PLANS = Symbol('plans');

/**
 * How a repository or a strategy can be asked in a batch of this reader.
 *
 * @param method the public method that does the same
 * @returns `undefined` when it has to be asked by that method: it is the host's own, or a subclass, a
 *   proxy or a test has put another method in the place of ours, or it reads from somewhere else
 */
export function plansOf<Meaning>(
  asked: object,
  method: string,
  reader: BatchedReader | undefined,
): Plans<Meaning>['of'] | undefined {
  // A host's factory may have made nothing, which is told when all is made.
  const plans = (asked as { readonly [PLANS]?: Plans<Meaning> } | undefined)?.[PLANS];
  if (plans === undefined || plans.reader !== reader) return undefined;
  return methodOf(asked, method) === methodOf(plans.owner, method) ? plans.of : undefined;
}

function methodOf(of: object, name: string): unknown {
  return (of as Readonly<Record<string, unknown>>)[name];
}

/** Finds something out by itself. */
export function findBy<Meaning>(
  { reader, of }: Pick<Plans<Meaning>, 'reader' | 'of'>,
  key: string,
): Soon<Meaning | undefined> {
  const plan = of(key);
  if (!plan) return undefined;
  return reader ? reader.find(plan) : plan.meaning(NO_ROWS);
}
