import { inspect } from 'node:util';
import { printable } from './printable.js';

/** What can stand in a line of text as it is. */
const PLAIN = /^[\w.:/@+-]+$/;

/**
 * An event in the host's log: one line of text where its logger writes text, as Nest's own does by
 * default, and the event's members where it takes objects, as pino and `ConsoleLogger({ json: true })` do.
 */
export class LogLine {
  constructor(members: object) {
    Object.assign(this, members);
  }

  /** For loggers that want a text beside the members, such as winston. */
  get message(): string {
    return lineOf(this);
  }

  /** For Nest's `ConsoleLogger`, which inspects what is no text. */
  [inspect.custom](): string {
    return lineOf(this);
  }

  toString(): string {
    return lineOf(this);
  }
}

interface Members {
  readonly active?: boolean;
  readonly status?: number;
  readonly error?: string;
  readonly kind?: string;
  readonly event?: string;
}

/** What came of it, and then the other members by their names. */
function lineOf(line: LogLine): string {
  const { active, status, error, kind, event, ...others } = line as Members;
  const words: unknown[] =
    active !== undefined
      ? [active ? 'active' : 'inactive']
      : error !== undefined
        ? ['refused', status, error]
        : [kind ?? event];
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined) words.push(`${name}=${shown(value)}`);
  }
  return words.join(' ');
}

function shown(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toFixed(2);
  const text = String(value);
  return PLAIN.test(text) ? text : printable(JSON.stringify(text));
}
