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

/** Most keys that are counted in this process: some 10 MB. The one that failed longest ago goes first. */
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

  /** @returns how many there are now, this one included */
  async count(key: string): Promise<number> {
    if (this.#shared) {
      try {
        const { consumedPoints } = await this.#shared.penalty(key);
        this.#sharedFails = false;
        return consumedPoints;
      } catch (error) {
        // Better limits of this process alone than none, or a caller who gets no answer.
        if (!this.#sharedFails) {
          this.#logger.warn(`Failures are not shared for now: ${describeCause(error)}`);
        }
        this.#sharedFails = true;
      }
    }
    return (await this.#memory.penalty(key)).consumedPoints;
  }
}

/** The library keeps every key until its window ends; with enough addresses that is any amount. */
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
          // The other package, ioredis, is known by this method.
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
