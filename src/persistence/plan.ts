import type { Soon } from '../model/soon.js';
import type { Batch } from './batch.js';
import type { BatchedReader } from './batched-reader.js';
import type { Lookup } from './lookup.js';
import { NO_ROWS } from './rows.js';
import type { Rows } from './rows.js';

/** Something to find out: which rows it takes, and what they mean. */
export interface Plan<Meaning> {
  /** Says which rows it needs; nothing has been sent yet. */
  want(batch: Batch): void;
  /** What the rows mean. @throws when that cannot be told. */
  meaning(rows: Rows): Soon<Meaning>;
}

/** How something is found out by key together with other things, in one batch of the reader. */
export interface Plans<Key, Meaning> {
  /** Absent: no plan needs any rows. */
  readonly reader: BatchedReader | undefined;
  /** The public method that does the same for those who wait for a promise. */
  readonly insteadOf: (key: never) => Promise<unknown>;
  /** @returns `undefined` when it is clear without a look that there is nothing under the key. */
  readonly of: (key: Key) => Plan<Meaning> | undefined;
}

/** Where a repository or a strategy of ours has its plans; it is private to this package. */
export const PLANS = Symbol('plans');

/**
 * How a repository or a strategy can be asked in a batch of this reader.
 *
 * @returns `undefined` when it has to be asked by its public method: it is the host's own, or a
 *   subclass, a proxy or a test has put another method in the place of ours, or it reads from
 *   somewhere else
 */
export function plansOf<Key, Meaning>(
  asked: object,
  method: string,
  reader: BatchedReader | undefined,
): Plans<Key, Meaning>['of'] | undefined {
  const plans = (asked as { readonly [PLANS]?: Plans<Key, Meaning> })[PLANS];
  if (plans === undefined || plans.reader !== reader) return undefined;
  const current = (asked as Readonly<Record<string, unknown>>)[method];
  return current === plans.insteadOf ? plans.of : undefined;
}

/** Finds something out by itself. */
export function findBy<Key, Meaning>(
  { reader, of }: Plans<Key, Meaning>,
  key: Key,
): Soon<Meaning | undefined> {
  const plan = of(key);
  if (!plan) return undefined;
  return reader ? reader.find(plan) : plan.meaning(NO_ROWS);
}

/** Finds out what one row means. */
export class RowPlan<Found> implements Plan<Found | undefined> {
  constructor(
    private readonly lookup: Lookup<Found>,
    private readonly key: string,
  ) {}

  want(batch: Batch): void {
    batch.want(this.lookup, this.key);
  }

  meaning(rows: Rows): Found | undefined {
    return rows.get(this.lookup, this.key);
  }
}

/** A plan for what a promise tells: it needs no rows, for the look-up has begun already. */
export function promised<Meaning>(meaning: Promise<Meaning>): Plan<Meaning> {
  // Nobody may ever ask for it. Those who do still hear of its failure.
  meaning.catch(() => {});
  return { want: () => {}, meaning: () => meaning };
}
