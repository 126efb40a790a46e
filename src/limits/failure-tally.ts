import { LRUCache } from 'lru-cache';

/** Most keys that one process counts: some 10 MB. The key that was used longest ago is dropped first. */
const MOST_KEYS = 20_000;

interface Tally {
  /** Failures that this process has counted. */
  own: number;
  /** Failures that others have counted, as far as this process knows. */
  others: number;
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

  /** Counts a failure. */
  add(key: string): void {
    this.tally(key).own++;
  }

  /** Takes one back that was none in the end. */
  takeBack(key: string): void {
    const tally = this.tally(key);
    tally.own = Math.max(0, tally.own - 1);
  }

  /** Learns how many failures all processes have counted, this one included. */
  learn(key: string, total: number): void {
    const tally = this.tally(key);
    tally.others = Math.max(0, total - tally.own);
  }

  /** How many failures the key has in this window. */
  failures(key: string): number {
    const { own, others } = this.tally(key);
    return own + others;
  }

  /** The same without those that others have counted: they may have been taken back since. */
  ownFailures(key: string): number {
    return this.tally(key).own;
  }

  /** Blocks the key for a window. */
  block(key: string): void {
    this.tally(key).blockedUntilMs = Date.now() + this.windowMs;
  }

  /** @returns for how much longer the key is blocked, in milliseconds; 0: it is not */
  blockedForMs(key: string): number {
    return this.left(this.#tallies.get(key)?.blockedUntilMs ?? 0);
  }

  private tally(key: string): Tally {
    const found = this.#tallies.get(key);
    if (found && this.left(found.windowEndsMs) > 0) return found;
    const windowEndsMs = Date.now() + this.windowMs;
    const fresh = { own: 0, others: 0, windowEndsMs, blockedUntilMs: found?.blockedUntilMs ?? 0 };
    this.#tallies.set(key, fresh);
    return fresh;
  }

  /** How much of a window is left; nothing if the clock was set back to before it began. */
  private left(endsMs: number): number {
    const leftMs = endsMs - Date.now();
    return leftMs > this.windowMs ? 0 : Math.max(0, leftMs);
  }
}
