import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { blocks } from '../../scripts/samples.mjs';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const samples = (await blocks()).filter(({ language }) => language === 'ts');

describe('A TypeScript sample of README or docs is run by a test:', () => {
  it.each(samples.map(({ page, name }) => `${page}/${name}`))('%s', async (id) => {
    const specs = (await readdir(TESTS, { recursive: true })).filter((file) =>
      file.endsWith('.spec.ts'),
    );
    const texts = await Promise.all(specs.map((file) => readFile(`${TESTS}${file}`, 'utf8')));
    expect(texts.some((text) => text.includes(`'${id}'`))).toBe(true);
  });
});
