import { open } from 'node:fs/promises';
import { subjectOf } from '../fixtures.mjs';
import { expectAnswer } from '../load/ask.mjs';

/** Asks about one token of a file, and insists on its own subject. */
export async function expectRightJwtAnswer(server, path, number) {
  return expectAnswer(server, await line(path, number), 'pct', {
    active: true,
    sub: subjectOf(number),
  });
}

async function line(path, number) {
  const file = await open(path);
  try {
    let at = 0;
    for await (const text of file.readLines({ autoClose: false })) {
      if (at++ === number) return text;
    }
    throw new Error(`${path} has no line ${number}.`);
  } finally {
    await file.close();
  }
}
