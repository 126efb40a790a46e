import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';
import type { Level, Logger } from 'pino';
import type { LogLevel } from '../environment/environment.js';

/** How long writing the last lines may take, in milliseconds: stdout may have no reader any more. */
const LAST_LINES_WITHIN_MS = 1000;

// Several workers may write to one pipe, which keeps together no more than 4096 bytes of a write.
const stdout = pino.destination({ dest: 1, sync: false, maxWrite: 4096 });

/** One JSON object on stdout for each line, and nothing else there. */
export function createLogger(level: LogLevel): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, stdout);
}

/** Waits for the lines that are still being written: a process that exits would lose them. */
export async function logWritten(): Promise<void> {
  const written = new Promise((resolve) => void stdout.once('drain', resolve));
  // Nothing, so that there is always something to be written.
  stdout.write('');
  await Promise.race([written, pause(LAST_LINES_WITHIN_MS)]);
}

/** Parts of Nest that tell of every module and route at each start. */
const START_UP_CONTEXTS = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Nest's log lines as ours. */
export class PinoLoggerService implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log = (message: unknown, ...rest: unknown[]) => {
    this.write(START_UP_CONTEXTS.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  };
  fatal = (message: unknown, ...rest: unknown[]) => this.write('fatal', message, rest);
  error = (message: unknown, ...rest: unknown[]) => this.write('error', message, rest);
  warn = (message: unknown, ...rest: unknown[]) => this.write('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]) => this.write('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]) => this.write('trace', message, rest);

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    this.logger[level]({ ...(typeof context === 'string' ? { context } : {}), ...fields(message) });
  }
}

function fields(message: unknown): Record<string, unknown> {
  // Not the error as a whole: a query error carries its parameters.
  if (message instanceof Error) return { msg: `${message.name}: ${message.message}` };
  if (typeof message === 'object') return { ...message };
  return { msg: typeof message === 'string' ? message : inspect(message) };
}
