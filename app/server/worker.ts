// The program that a worker runs. It does what the primary tells it, and ends when the primary ends,
// because node:cluster ends a worker whose primary is gone.
import type { WorkerMessage, WorkerSetup } from './worker-process.js';
import type { Snapshot } from './worker-measures.js';

// Ctrl-C on a terminal reaches every process, but only the primary decides when a worker stops. This
// stands before the imports below, which take a while.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});

interface Running {
  readonly origin: string;
  snapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}

let starting: Promise<Running>;

process.on('message', (message: WorkerSetup | 'stop' | 'measure') => {
  if (message === 'stop') void stop();
  else if (message === 'measure') void measure();
  else void start(message);
});
say('online');

async function start(setup: WorkerSetup): Promise<void> {
  starting = serve(setup);
  try {
    say({ origin: (await starting).origin });
  } catch (error) {
    const { oneLine } = await import('../failure.js');
    say({ failure: oneLine(error) }, () => process.exit(1));
  }
}

async function measure(): Promise<void> {
  // A worker whose start has failed sends no metrics; the primary answers without them.
  const running = await starting.catch(() => undefined);
  if (running) say({ measures: await running.snapshot() });
}

async function stop(): Promise<void> {
  // A worker that is still starting may have a connection already. If its start fails, it ends by itself.
  const running = await starting.catch(() => undefined);
  await running?.close().finally(() => process.exit(0));
}

async function serve({ id, environment }: WorkerSetup): Promise<Running> {
  const { openDatabase } = await import('../environment/database.js');
  const { startApplication } = await import('./application.js');
  const { createLogger, logWritten } = await import('./logger.js');
  const logger = createLogger(environment.logLevel).child({ worker: id });
  const database = await openDatabase(environment);
  const application = await startApplication(environment, database.dataSource, logger);
  return {
    origin: application.origin,
    snapshot: async () => (await application.measures?.registry.getMetricsAsJSON()) ?? [],
    close: async () => {
      await application.close();
      await database.close();
      await logWritten();
    },
  };
}

function say(message: WorkerMessage, then: () => void = () => {}): void {
  process.send!(message, then);
}
