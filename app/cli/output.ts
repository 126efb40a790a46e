import type { Command } from 'commander';
import { printable } from '../../src/events/printable.js';

/** Prints the result of a command: one JSON object with `--json`, otherwise text for a person. */
export function print(command: Command, result: object, text: string): void {
  const { json } = command.optsWithGlobals<{ json?: boolean }>();
  process.stdout.write(`${json ? JSON.stringify(result) : text}\n`);
}

/** Formats rows in columns, under their headings. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
