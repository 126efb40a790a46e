import { AggregatorRegistry } from 'prom-client';
import type { Registry } from 'prom-client';

/** The metrics of one process, as a worker sends them to the primary. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

interface MeasuredWorker {
  /** @returns `undefined` when the worker does not answer in time. */
  measures(): Promise<Snapshot | undefined>;
}

/**
 * The metrics of all workers as one sum. The counts of a worker that has died stay in it: Prometheus
 * takes a sum that falls for a restart, and would add the whole sum once more.
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

  /** Keeps the counts of a worker that has ended, as they were read last, and drops its gauges. */
  workerEnded(worker: MeasuredWorker): void {
    const last = this.#lastSnapshots.get(worker);
    this.#lastSnapshots.delete(worker);
    if (!last) return;
    const counted = last.filter(({ type }) => String(type) !== 'gauge');
    const all = AggregatorRegistry.aggregate([this.#countsOfEnded, counted]);
    this.#countsOfEnded = all.getMetricsAsArray() as unknown as Snapshot;
  }
}
