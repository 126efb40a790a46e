import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';
import type { Level, Logger } from 'pino';
import type { LogLevel } from '../environment/environment.js';

/** How long writing the last lines may take, in milliseconds: the reader of stdout may have ended. */
const LAST_LINES_WITHIN_MS = 1000;

// Several workers may write to one pipe, which keeps at most 4096 bytes of one write together.
const stdout = pino.destination({ dest: 1, sync: false, maxWrite: 4096 });

/** Makes a logger that writes each line as one JSON object on stdout, and nothing else. */
export function createLogger(level: LogLevel): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, stdout);
}

/** Waits until the last lines are written, because a process that exits before would lose them. */
export async function logWritten(): Promise<void> {
  const written = new Promise((resolve) => void stdout.once('drain', resolve));
  // An empty write, so that `drain` comes even if no line is waiting.
  stdout.write('');
  await Promise.race([written, pause(LAST_LINES_WITHIN_MS)]);
}

/** Parts of Nest that log every module and route at each start; their lines are logged as `debug`. */
const START_UP_CONTEXTS = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Writes Nest's log lines with our logger. */
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
  // Not the whole error: a query error has the parameters of its query.
  if (message instanceof Error) return { msg: `${message.name}: ${message.message}` };
  if (typeof message === 'object') return { ...message };
  return { msg: typeof message === 'string' ? message : inspect(message) };
}
