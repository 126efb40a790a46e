import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import {
  RLWrapperTimeouts,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
} from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';
import { describeCause } from '../events/logging-observer.js';
import { FAILURE_TABLE } from '../schema/authentication-failure.entity.js';
import type { Limits } from '../config/limits.options.js';

/** How long a shared store may take to count, in milliseconds. */
const SHARED_COUNT_WITHIN_MS = 1000;

/** Most keys that one process counts: some 10 MB. The key that failed longest ago is dropped first. */
export const MOST_COUNTED_KEYS = 20_000;

/** Counts failures by key within the window, in the store that the options name. */
export class FailureCounter {
  readonly #logger = new Logger('Introspection');
  readonly #memory: RateLimiterAbstract;
  readonly #shared: RateLimiterAbstract | undefined;
  #sharedFails = false;

  constructor(limits: Limits, dataSource: DataSource | undefined) {
    this.#memory = new BoundedMemory({ points: 0, duration: limits.window });
    this.#shared = sharedStore(limits, dataSource);
  }

  /** @returns how many failures the key has in this window, this one included */
  async count(key: string): Promise<number> {
    if (this.#shared) {
      try {
        const { consumedPoints } = await this.#shared.penalty(key);
        this.#sharedFails = false;
        return consumedPoints;
      } catch (error) {
        // Now this process counts alone, so that callers are still limited and still get answers.
        if (!this.#sharedFails) {
          this.#logger.warn(`Failures are not shared for now: ${describeCause(error)}`);
        }
        this.#sharedFails = true;
      }
    }
    return (await this.#memory.penalty(key)).consumedPoints;
  }
}

/** Counts in memory, with a bound: the library alone keeps every key, from any number of addresses, for a window. */
class BoundedMemory extends RateLimiterMemory {
  readonly #keys = new LRUCache<string, true>({
    max: MOST_COUNTED_KEYS,
    dispose: (_, key) => void this.delete(key),
  });

  override penalty(key: string): ReturnType<RateLimiterMemory['penalty']> {
    this.#keys.set(key, true);
    return super.penalty(key);
  }
}

function sharedStore({ store, window }: Limits, dataSource: DataSource | undefined) {
  if (store === 'memory') return undefined;
  const options = { points: 0, duration: window, keyPrefix: 'introspection' };
  const limiter =
    store === 'postgres'
      ? new RateLimiterPostgres({
          ...options,
          storeClient: required(dataSource),
          storeType: 'typeorm',
          tableName: FAILURE_TABLE,
          tableCreated: true,
        })
      : new RateLimiterRedis({
          ...options,
          storeClient: store.redis,
          rejectIfRedisNotReady: true,
          // Clients of the other package, ioredis, have this method.
          useRedisPackage: !('defineCommand' in store.redis),
        });
  return new RLWrapperTimeouts({ limiter, timeoutMs: SHARED_COUNT_WITHIN_MS });
}

function required(dataSource: DataSource | undefined): DataSource {
  if (dataSource) return dataSource;
  throw new Error(
    "IntrospectionModule options: limits.store 'postgres' needs the module's data source, which it " +
      'has not where all repositories are the host’s own.',
  );
}
