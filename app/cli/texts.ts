import { printable } from '../../src/events/printable.js';

/** Most characters of a text that somebody else wrote. */
const MOST_CHARACTERS = 200;

/** A value of a token's in quotes, short, and without characters that a terminal obeys. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none';
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return printable(short);
}

/** @param time seconds since the epoch; absent: it is not known. Beyond what a date can hold, it stays a number. */
export function timeText(time: number | Date | undefined): string {
  if (time === undefined) return 'a time that is not known';
  const date = typeof time === 'number' ? new Date(time * 1000) : time;
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

/** The audiences of a client, in a cell of a table. */
export function audiencesText({
  any_audience: isAny,
  audiences,
}: {
  any_audience: boolean;
  audiences: readonly string[];
}): string {
  return isAny ? '(any)' : audiences.join(' ') || '-';
}
