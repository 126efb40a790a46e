import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Environment } from '../environment/environment.js';
import { oneLine } from '../failure.js';
import type { WorkerMeasures } from './worker-measures.js';
import { forkWorker } from './worker-process.js';
import type { WorkerProcess } from './worker-process.js';

/** How long the workers may take to stop, in milliseconds: longer than the requests in flight may take. */
const WORKERS_STOP_WITHIN_MS = 8000;

/** A worker that dies sooner than this after it began to listen, in milliseconds, is replaced after a pause. */
const STABLE_AFTER_MS = 10_000;
/** The first pause and the longest one, in milliseconds: each pause is twice the one before. */
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

export interface Workers {
  /** The URL where they answer, without a path. */
  readonly origin: string;
  /** Their process ids, in the order of their numbers. */
  readonly pids: readonly (number | undefined)[];
  /** The metrics of all workers in Prometheus' text format; empty where the environment asks for none. */
  measures(): Promise<string>;
  /** Tells all workers to answer the requests in flight and to end. */
  close(): Promise<void>;
}

/**
 * Serves the port with several processes, and replaces those that die.
 * @throws Failure when one of them cannot start; the others are ended then.
 */
export async function startWorkers(environment: Environment, logger: Logger): Promise<Workers> {
  const ids = Array.from({ length: environment.workers }, (_, index) => index + 1);
  const workers = new Map(ids.map((id) => [id, forkWorker({ id, environment })]));
  const all = [...workers.values()];
  try {
    const [origin] = (await Promise.all(all.map(({ ready }) => ready))) as [string];
    const measures =
      environment.metrics && new (await import('./worker-measures.js')).WorkerMeasures();
    const supervisor = new Supervisor(environment, logger, origin, workers, measures);
    return {
      origin,
      pids: all.map(({ pid }) => pid),
      measures: () => supervisor.measures(),
      close: () => supervisor.stop(),
    };
  } catch (error) {
    await killAll(all);
    throw error;
  }
}

class Supervisor {
  readonly #stopping = new AbortController();
  /** The workers that listen, and since when, on the clock of `performance.now()`. */
  readonly #listening = new Map<WorkerProcess, number>();

  constructor(
    private environment: Environment,
    private readonly logger: Logger,
    private readonly origin: string,
    private readonly workers: Map<number, WorkerProcess>,
    private readonly workerMeasures: WorkerMeasures | undefined,
  ) {
    for (const [id, worker] of workers) {
      this.#listening.set(worker, performance.now());
      void this.replaceWhenItDies(id);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const all = [...this.workers.values()];
    for (const worker of all) worker.stop();
    const late = setTimeout(() => void killAll(all), WORKERS_STOP_WITHIN_MS);
    await Promise.all(all.map(({ ended }) => ended));
    clearTimeout(late);
  }

  async measures(): Promise<string> {
    return (await this.workerMeasures?.read(this.#listening.keys())) ?? '';
  }

  /** Replaces the worker with this number each time that it dies, until the server stops. */
  private async replaceWhenItDies(id: number): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = 0;
    while (!signal.aborted) {
      const worker = this.workers.get(id)!;
      const exit = await worker.ended;
      const listenedForMs = this.workerEnded(worker);
      if (signal.aborted) return;
      pauseMs =
        listenedForMs > STABLE_AFTER_MS
          ? 0
          : Math.min(Math.max(pauseMs * 2, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
      const death = { worker: id, pid: worker.pid, ...exit, pause_ms: pauseMs };
      this.logger.error(death, 'A worker died and is replaced');
      await pause(pauseMs, undefined, { signal }).catch(() => {});
      try {
        if (!signal.aborted) this.replace(id);
      } catch (error) {
        // The process could not be started, for lack of memory for example. The next pause is longer.
        this.logger.error({ worker: id }, oneLine(error));
      }
    }
  }

  private replace(id: number): void {
    const worker = forkWorker({ id, environment: this.environment });
    this.workers.set(id, worker);
    worker.ready.then(
      (origin) => {
        // With PORT=0 it listens on another port, if the last worker that held our port died meanwhile.
        if (portOf(origin) !== portOf(this.origin)) return worker.kill();
        this.#listening.set(worker, performance.now());
        this.logger.info({ worker: id, pid: worker.pid }, 'A worker was replaced');
      },
      () => {},
    );
  }

  /** @returns for how long the worker has listened, in milliseconds */
  private workerEnded(worker: WorkerProcess): number {
    const now = performance.now();
    const since = this.#listening.get(worker) ?? now;
    this.#listening.delete(worker);
    this.workerMeasures?.workerEnded(worker);
    // When the last listening worker ends, the port is closed; the next worker must take the same port.
    if (this.#listening.size === 0 && this.environment.port === 0)
      this.environment = { ...this.environment, port: portOf(this.origin) };
    return now - since;
  }
}

function portOf(origin: string): number {
  return Number(new URL(origin).port);
}

async function killAll(workers: readonly WorkerProcess[]): Promise<void> {
  for (const worker of workers) worker.kill();
  await Promise.all(workers.map(({ ended }) => ended));
}
