import type { Soon } from '../model/soon.js';
import type { Batch } from './batch.js';
import type { Lookup } from './lookup.js';
import type { Rows } from './rows.js';

/** Something to find out: which rows it takes, and what they mean. */
export interface Plan<Meaning> {
  /** Says which rows it needs; nothing has been sent yet. */
  want(batch: Batch): void;
  /** What the rows mean. @throws when that cannot be told. */
  meaning(rows: Rows): Soon<Meaning>;
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
  // A refused caller's look-up is never asked for; its failure must not end the process then.
  meaning.catch(() => {});
  return { want: () => {}, meaning: () => meaning };
}
