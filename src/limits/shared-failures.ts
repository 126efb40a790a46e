import { Logger } from '@nestjs/common';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { describeCause } from '../events/logging-observer.js';

/** How long the store may take to count, in milliseconds; waiting counts. */
const COUNTED_WITHIN_MS = 1000;

/** Most keys that wait to be counted; a failure of another is counted by its own process alone. */
const MOST_GATHERED_KEYS = 1000;

/** Where failures are counted for all processes together. */
export interface FailureStore {
  readonly limiter: RateLimiterAbstract;
  /** By when it must have counted, on the clock of `performance.now()`; set before it is asked. */
  deadline?: number;
}

/** How many failures each key has in this window. */
type Totals = ReadonlyMap<string, number>;

/** What is counted together. */
class Gathered {
  /** By how much the failures of each key change. */
  readonly changes = new Map<string, number>();
  readonly deadline = performance.now() + COUNTED_WITHIN_MS;
  readonly counted: Promise<Totals>;
  resolve!: (totals: Totals) => void;
  reject!: (failure: unknown) => void;

  constructor() {
    this.counted = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    // It may fail when nobody waits for it.
    this.counted.catch(() => {});
  }
}

/**
 * Counts failures in a store that processes share. What comes while the store is at work is gathered, so
 * that it is asked for one key at a time, however many failures there are: counting never takes more
 * than one connection from those who read. What is overdue is not asked for any more.
 */
export class SharedFailures {
  readonly #logger = new Logger('Introspection');
  #gathering: Gathered | undefined;
  #isCounting = false;
  #fails = false;

  constructor(private readonly store: FailureStore) {}

  /**
   * It never fails: without its store, this process counts alone, so that callers are still limited and
   * still get answers.
   * @param by 1, or -1 to take one back
   * @returns `undefined` when the store has not counted in time
   */
  async change(keys: readonly string[], by: 1 | -1): Promise<Totals | undefined> {
    try {
      const totals = await this.gather(keys, by);
      this.#fails = false;
      return totals;
    } catch (error) {
      if (!this.#fails) {
        this.#logger.warn(`Failures are not shared for now: ${describeCause(error)}`);
      }
      this.#fails = true;
      return undefined;
    }
  }

  private gather(keys: readonly string[], by: 1 | -1): Promise<Totals> {
    const { changes, counted } = (this.#gathering ??= new Gathered());
    if (changes.size >= MOST_GATHERED_KEYS) return Promise.reject(new Error('too many at once'));
    for (const key of keys) changes.set(key, (changes.get(key) ?? 0) + by);
    if (!this.#isCounting) void this.countAll();
    return counted;
  }

  /** Counts until nothing is gathered any more. */
  private async countAll(): Promise<void> {
    this.#isCounting = true;
    // What comes in the same turn is gathered, too.
    await new Promise(setImmediate);
    for (let next = this.#gathering; next; next = this.#gathering) {
      this.#gathering = undefined;
      await this.count(next).then(next.resolve, next.reject);
    }
    this.#isCounting = false;
  }

  private async count({ changes, deadline }: Gathered): Promise<Totals> {
    const totals = new Map<string, number>();
    this.store.deadline = deadline;
    for (const [key, change] of changes) {
      const { consumedPoints } = await within(deadline, () =>
        this.store.limiter.penalty(key, change),
      );
      totals.set(key, consumedPoints);
    }
    return totals;
  }
}

/** Begins nothing after the deadline, and waits for nothing longer. */
function within<T>(deadline: number, begin: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error('the store has not counted in time'));
    const left = deadline - performance.now();
    if (left <= 0) return late();
    const timer = setTimeout(late, left);
    begin()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
