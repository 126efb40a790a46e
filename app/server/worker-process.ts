import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../environment/environment.js';
import { Failure } from '../failure.js';
import type { Snapshot } from './worker-measures.js';

/** How long a worker may take to send its metrics, in milliseconds. */
const MEASURES_WITHIN_MS = 1000;

/** The first message of the primary to a worker. The later ones are `stop`, and `measure` for its metrics. */
export interface WorkerSetup {
  /** Its number among the workers, from 1 on; the worker that replaces it gets the same number. */
  readonly id: number;
  readonly environment: Environment;
}

/**
 * What a worker sends to the primary: `online` when it can receive messages, because earlier ones would be
 * lost; then its address, or why it could not start; and its metrics when it is asked for them.
 */
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
  /** The URL where it listens. Rejects with a Failure when the worker ends before it listens. */
  readonly ready: Promise<string>;
  readonly ended: Promise<WorkerExit>;
  /** Its metrics. @returns `undefined` when it does not answer in time. */
  measures(): Promise<Snapshot | undefined>;
  /** Tells it to answer the requests in flight and to end. */
  stop(): void;
  kill(): void;
}

export function forkWorker(setup: WorkerSetup): WorkerProcess {
  // Round robin: the primary accepts, and gives each worker the next connection. If the workers accepted
  // by themselves, the one that wakes first would take nearly all of them; resource servers keep few
  // connections, and keep them for long.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ exec: fileURLToPath(new URL('worker.js', import.meta.url)), args: [] });
  const worker = cluster.fork();
  const handedConnection = watchHandedConnection(worker.process);
  let [online, stopping] = [false, false];
  let failure: string | undefined;

  const ended = new Promise<WorkerExit>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => {
      const exit = signal ? { signal } : { exit_code: code ?? 0 };
      // Its last messages are read only when the channel is closed. Node has no event for that while
      // a connection is being handed over, so we look again and again.
      const drain = () =>
        worker.isConnected() ? setImmediate(drain) : resolve({ ...exit, cause: failure });
      drain();
    });
    worker.on('error', ({ message }: Error) => {
      // A worker whose process could not be started emits no `exit`.
      if (worker.process.pid === undefined) resolve({ cause: message });
    });
  });
  void ended.then(() => {
    // A worker that was told to stop has refused the connection, and another worker has it.
    if (!stopping) handedConnection()?.close?.();
    // If a connection was being handed over, Node can still count the worker among those that serve the port.
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
  // No code waits until a worker that replaces another listens; if it ends before, its exit is logged.
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
 * Watches which connection the primary handed to a worker last. Node hands over one at a time and waits
 * until the worker takes it. If the worker dies first, Node forgets the connection but leaves it open,
 * and the client would wait for ever.
 * @returns a function that returns that connection
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
