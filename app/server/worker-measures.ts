import { AggregatorRegistry } from 'prom-client';
import type { Registry } from 'prom-client';

/** The measures of one process, as they pass from a worker to the primary. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

interface Measured {
  /** @returns `undefined` when the worker does not say in time. */
  measures(): Promise<Snapshot | undefined>;
}

/**
 * The measures of all workers as one. What a worker counted stays counted when it dies: Prometheus
 * takes a sum that falls for a restart, and would count all of it once more.
 */
export class WorkerMeasures {
  readonly #last = new Map<Measured, Snapshot>();
  #departed: Snapshot = [];

  /** @returns Prometheus' text format. */
  async read(workers: Iterable<Measured>): Promise<string> {
    await Promise.all(
      [...workers].map(async (worker) => {
        const snapshot = await worker.measures();
        if (snapshot) this.#last.set(worker, snapshot);
      }),
    );
    return AggregatorRegistry.aggregate([...this.#last.values(), this.#departed]).metrics();
  }

  /** Keeps what a worker counted until it was last read, and forgets what it had. */
  gone(worker: Measured): void {
    const last = this.#last.get(worker);
    this.#last.delete(worker);
    if (!last) return;
    const counted = last.filter(({ type }) => String(type) !== 'gauge');
    const all = AggregatorRegistry.aggregate([this.#departed, counted]);
    this.#departed = all.getMetricsAsArray() as unknown as Snapshot;
  }
}
