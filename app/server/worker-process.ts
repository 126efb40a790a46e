import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../environment/environment.js';
import { Failure } from '../failure.js';
import type { Snapshot } from './worker-measures.js';

/** How long a worker may take to say what it has measured, in milliseconds. */
const MEASURES_WITHIN_MS = 1000;

/** What a worker is told first; later it is told to stop, and asked what it has measured. */
export interface WorkerSetup {
  /** Its number among the workers, from 1 on; the one that replaces it has the same. */
  readonly id: number;
  readonly environment: Environment;
}

/** What a worker says: that it can hear, because what came before would be lost; then how it went. */
export type WorkerMessage =
  | 'online'
  | { readonly origin: string }
  | { readonly failure: string }
  | { readonly measures: Snapshot };

export interface WorkerExit {
  readonly exit_code?: number;
  readonly signal?: string;
  readonly cause?: string | undefined;
}

/** A worker, as the primary sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** Where it listens. @throws Failure when it ends before it does */
  readonly ready: Promise<string>;
  readonly ended: Promise<WorkerExit>;
  /** What it has measured. @returns `undefined` when it does not say in time. */
  measures(): Promise<Snapshot | undefined>;
  /** Lets it answer what is in flight, and end. */
  stop(): void;
  kill(): void;
}

export function forkWorker(setup: WorkerSetup): WorkerProcess {
  // Round robin, because protected resources keep few connections for long: where the workers
  // accept by themselves, the one that wakes first takes nearly all of them.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ exec: fileURLToPath(new URL('worker.js', import.meta.url)), args: [] });
  const worker = cluster.fork();
  const handedConnection = watchHandedConnection(worker.process);
  let [online, stopping] = [false, false];
  let failure: string | undefined;

  const ended = new Promise<WorkerExit>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => {
      const exit = signal ? { signal } : { exit_code: code ?? 0 };
      // What it has said is read in full only when the channel is closed. That has no event when a
      // connection is on its way.
      const drain = () =>
        worker.isConnected() ? setImmediate(drain) : resolve({ ...exit, cause: failure });
      drain();
    });
    worker.on('error', ({ message }: Error) => {
      // Without a process there is no exit.
      if (worker.process.pid === undefined) resolve({ cause: message });
    });
  });
  void ended.then(() => {
    // One that stops has refused it, and another worker has it.
    if (!stopping) handedConnection()?.close?.();
    // With a connection on its way, Node can go on counting it among those that serve the port.
    worker.disconnect();
  });

  const measured = new EventEmitter();
  const tell = (message: WorkerSetup | 'stop' | 'measure') => void worker.send(message, () => {});
  const kill = () => void worker.process.kill('SIGKILL');
  const ready = new Promise<string>((resolve, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      if (message === 'online') {
        online = true;
        tell(setup);
      } else if ('origin' in message) resolve(message.origin);
      else if ('measures' in message) measured.emit('measures', message.measures);
      else failure = message.failure;
    });
    void ended.then((exit) => reject(new Failure(exit.cause ?? unexplained(exit))));
  });
  // No code waits for a worker that replaces another: its exit is logged.
  ready.catch(() => {});

  return {
    pid: worker.process.pid,
    ready,
    ended,
    measures: async () => {
      const signal = AbortSignal.timeout(MEASURES_WITHIN_MS);
      const said = once(measured, 'measures', { signal });
      tell('measure');
      const [snapshot] = await said.catch(() => []);
      return snapshot as Snapshot | undefined;
    },
    stop: () => {
      stopping = true;
      if (online) tell('stop');
      else kill();
    },
    kill,
  };
}

function unexplained({ signal, exit_code: code }: WorkerExit): string {
  return `A worker ended before it listened (${signal ?? `exit code ${code}`}).`;
}

/**
 * The connection that a worker was handed last. Round robin hands over one at a time and waits for
 * the worker to take it; if the worker dies first, Node forgets the connection but leaves it open,
 * and its client would wait for ever.
 */
function watchHandedConnection(child: ChildProcess): () => { close?(): void } | undefined {
  let handed: { close?(): void } | undefined;
  const send = child.send.bind(child) as (...args: unknown[]) => boolean;
  child.send = (...args: unknown[]) => {
    if (args[1] && typeof args[1] === 'object') handed = args[1];
    return send(...args);
  };
  return () => handed;
}
