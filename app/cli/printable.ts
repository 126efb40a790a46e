/** Most characters of a text that somebody else wrote. */
const MOST_CHARACTERS = 200;

// oxlint-disable-next-line no-control-regex -- it finds control characters, and those that change the direction of text
const TROUBLING = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A value of a token's in quotes, short, and without characters that a terminal obeys. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none';
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return printable(short);
}

/** A text with those characters escaped. */
export function printable(text: string): string {
  return text.replace(
    TROUBLING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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
