import { Injectable } from '@nestjs/common';
import { TemporarilyUnavailableError, TooManyRequestsError } from '../model/oauth-error.js';

/** Most comparisons at a time: each takes one of the four threads that Node also reads files with. */
const MOST_AT_WORK = 2;

/** Most that wait. */
const MOST_WAITING = 64;

/** Most that wait from one address. */
const MOST_WAITING_OF_ONE = 20;

/**
 * Bounds how many secrets are compared slowly at a time, and how many wait for it. Addresses take turns, so
 * that whoever sends many guesses keeps others waiting for one of them only.
 */
@Injectable()
export class SlowComparisons {
  /** Who waits, by address, in the order of their turns. */
  readonly #queues = new Map<string, (() => void)[]>();
  #waiting = 0;
  #atWork = 0;

  /**
   * @param address where the secret came from
   * @throws TooManyRequestsError when too many wait from this address; TemporarilyUnavailableError when
   *   too many wait in all; and what `compare` throws
   */
  async run<T>(address: string, compare: () => Promise<T>): Promise<T> {
    if (this.#atWork < MOST_AT_WORK) this.#atWork++;
    else await this.turn(address);
    try {
      return await compare();
    } finally {
      this.next();
    }
  }

  private turn(address: string): Promise<void> {
    const queue = this.#queues.get(address) ?? [];
    if (queue.length >= MOST_WAITING_OF_ONE) throw new TooManyRequestsError(1);
    if (this.#waiting >= MOST_WAITING) {
      throw new TemporarilyUnavailableError('too many secrets wait to be compared');
    }
    this.#waiting++;
    this.#queues.set(address, queue);
    return new Promise((resolve) => queue.push(resolve));
  }

  /** Hands the place of one that has ended to the next address. */
  private next(): void {
    const [next] = this.#queues;
    if (!next) return void this.#atWork--;
    const [address, queue] = next;
    this.#queues.delete(address);
    const begin = queue.shift()!;
    if (queue.length > 0) this.#queues.set(address, queue);
    this.#waiting--;
    begin();
  }
}
