import { LRUCache } from 'lru-cache';

/** Most keys that one process counts: some 10 MB. The key that was used longest ago is dropped first. */
const MOST_KEYS = 20_000;

interface Tally {
  failures: number;
  /** When the failures no longer count, in milliseconds since the epoch. */
  windowEndsMs: number;
  /** 0: it is not blocked. */
  blockedUntilMs: number;
}

/** The failures of each key within a window, and its block, in the memory of this process. */
export class FailureTally {
  readonly #tallies = new LRUCache<string, Tally>({ max: MOST_KEYS });

  /** @param windowMs begins with a key's first failure, in milliseconds */
  constructor(private readonly windowMs: number) {}

  /** Counts a failure. @returns how many the key has in this window, this one included */
  add(key: string): number {
    return ++this.tally(key).failures;
  }

  /** Takes one back that was none in the end. */
  takeBack(key: string): void {
    const tally = this.tally(key);
    tally.failures = Math.max(0, tally.failures - 1);
  }

  /** Counts at least so many, because others have counted more. */
  raise(key: string, failures: number): void {
    const tally = this.tally(key);
    tally.failures = Math.max(tally.failures, failures);
  }

  failures(key: string): number {
    return this.tally(key).failures;
  }

  block(key: string, untilMs: number): void {
    this.tally(key).blockedUntilMs = untilMs;
  }

  /** @returns in milliseconds since the epoch; 0: it was never blocked */
  blockedUntilMs(key: string): number {
    return this.#tallies.get(key)?.blockedUntilMs ?? 0;
  }

  private tally(key: string): Tally {
    const nowMs = Date.now();
    const found = this.#tallies.get(key);
    if (found && nowMs < found.windowEndsMs) return found;
    const blockedUntilMs = found?.blockedUntilMs ?? 0;
    const fresh = { failures: 0, windowEndsMs: nowMs + this.windowMs, blockedUntilMs };
    this.#tallies.set(key, fresh);
    return fresh;
  }
}
