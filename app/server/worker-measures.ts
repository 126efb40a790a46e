import { AggregatorRegistry } from 'prom-client';
import type { Registry } from 'prom-client';

/** The measures of one process, as they pass from a worker to the primary. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

interface MeasuredWorker {
  /** @returns `undefined` when the worker does not say in time. */
  measures(): Promise<Snapshot | undefined>;
}

/**
 * The measures of all workers as one. What a worker counted stays counted when it dies: Prometheus
 * takes a sum that falls for a restart, and would count all of it once more.
 */
export class WorkerMeasures {
  readonly #lastSnapshots = new Map<MeasuredWorker, Snapshot>();
  #countsOfEnded: Snapshot = [];

  /** @returns Prometheus' text format. */
  async read(workers: Iterable<MeasuredWorker>): Promise<string> {
    await Promise.all(
      [...workers].map(async (worker) => {
        const snapshot = await worker.measures();
        if (snapshot) this.#lastSnapshots.set(worker, snapshot);
      }),
    );
    return AggregatorRegistry.aggregate([
      ...this.#lastSnapshots.values(),
      this.#countsOfEnded,
    ]).metrics();
  }

  /** Keeps what a worker counted until it was last read, and forgets what it had. */
  workerEnded(worker: MeasuredWorker): void {
    const last = this.#lastSnapshots.get(worker);
    this.#lastSnapshots.delete(worker);
    if (!last) return;
    const counted = last.filter(({ type }) => String(type) !== 'gauge');
    const all = AggregatorRegistry.aggregate([this.#countsOfEnded, counted]);
    this.#countsOfEnded = all.getMetricsAsArray() as unknown as Snapshot;
  }
}
