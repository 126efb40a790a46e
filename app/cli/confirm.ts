import { createInterface } from 'node:readline/promises';
import { Failure } from '../failure.js';

/** The option of a command that asks. */
export const YES = ['--yes', 'do not ask'] as const;

/**
 * Asks a person before what cannot be undone. A script is not asked.
 * @param yes the answer is given already
 * @throws Failure for every answer but yes
 */
export async function confirm(question: string, { yes = false }: { yes?: boolean }): Promise<void> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  terminal.once('close', () => ended.abort());
  const asked = terminal.question(`${question} [y/N] `, { signal: ended.signal });
  const answer = await asked.catch(() => '');
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('Nothing was changed.');
}
