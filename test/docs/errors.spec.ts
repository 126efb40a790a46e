import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/programs.js';

const page = await readFile(join(ROOT, 'docs/errors.md'), 'utf8');

/** The first cells of the tables of messages. */
const messages = page
  .split('\n')
  .filter((line) => /^\| `[^`]* [^`]*`/.test(line))
  .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!));

describe('A message in docs/errors.md is one of ours:', () => {
  it.each(messages)('%s', async (message) => {
    const code = await source();
    for (const part of message.split('…').filter((text) => /\w/.test(text))) {
      expect(code).toContain(part.trim().replace(/^[,:] |[.,:]$/g, ''));
    }
  });
});

let all: Promise<string> | undefined;

/** All of our code, with texts that go over several lines put together. */
function source(): Promise<string> {
  return (all ??= read());
}

async function read(): Promise<string> {
  const folders = await Promise.all(
    ['src', 'app', 'migrations'].map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true })).map((file) => join(folder, file)),
    ),
  );
  const files = folders.flat().filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')));
  return texts.join('\n').replaceAll(/['"`] \+\s+['"`]/g, '');
}
