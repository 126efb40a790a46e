import { setTimeout } from 'node:timers';

/** How long after its arrival a request is refused, in milliseconds, at the least. */
const REFUSED_AFTER_MS = 5;

/**
 * When a request may be refused, or its token be called inactive. The time for that is set when the
 * request arrives, before anything is known of it, so that the time of its answer does not tell why:
 * not an unknown client from a wrong secret, nor an unknown token from a revoked one.
 */
export class Departure {
  #isOver = false;
  #waiting: (() => void)[] = [];

  private constructor(readonly millisecond: number) {
    setTimeout(() => {
      this.#isOver = true;
      for (const leave of this.#waiting) leave();
      this.#waiting = [];
    }, REFUSED_AFTER_MS);
  }

  /** Calls when it is time; at once, if it is. */
  wait(leave: () => void): void {
    if (this.#isOver) leave();
    else this.#waiting.push(leave);
  }

  static #latest: Departure | undefined;

  /** @param arrival on the clock of `performance.now()`; requests of one millisecond share a timer */
  static after(arrival: number): Departure {
    const millisecond = Math.floor(arrival);
    if (Departure.#latest?.millisecond !== millisecond) {
      Departure.#latest = new Departure(millisecond);
    }
    return Departure.#latest;
  }
}
