import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { readEnvironment } from '../environment/environment.js';
import { oneLine } from '../failure.js';
import { createLogger, logWritten } from './logger.js';
import { startServer } from './start.js';
import type { Server } from './start.js';

/** How long stopping may take in all, in milliseconds; Docker kills the process after ten seconds. */
const PROCESS_STOPS_WITHIN_MS = 9000;

try {
  const { demo = false } = parseArgs({ options: { demo: { type: 'boolean' } } }).values;
  const environment = readEnvironment(process.env);
  const logger = createLogger(environment.logLevel);
  const starting = startServer(environment, logger, { demo });
  stopOnSignal(starting, logger);
  await starting;
} catch (error) {
  process.stderr.write(`${oneLine(error)}\n`);
  process.exit(1);
}

function stopOnSignal(starting: Promise<Server>, logger: Logger): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Ctrl-C under npm comes twice: from the terminal and from npm.
      if (stopping) return;
      stopping = true;
      void stop(starting, logger, signal);
    });
  }
}

async function stop(starting: Promise<Server>, logger: Logger, signal: string): Promise<void> {
  // When the start fails, the code above ends the process.
  const server = await starting.catch(() => undefined);
  if (!server) return;
  logger.info(`Stopping on ${signal}`);
  setTimeout(
    () => void logAndExit(logger, 'warn', 'Stopped before everything was closed'),
    PROCESS_STOPS_WITHIN_MS,
  ).unref();
  await server.stop();
  await logAndExit(logger, 'info', 'Stopped');
}

async function logAndExit(logger: Logger, level: 'info' | 'warn', message: string): Promise<void> {
  logger[level](message);
  await logWritten();
  process.exit(0);
}
