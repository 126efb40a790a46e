import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

let isAllowed: (expression?: string) => boolean;
beforeAll(async () => {
  const script = pathToFileURL(join(process.cwd(), 'scripts', 'licence-expression.mjs'));
  ({ isAllowed } = await import(script.href));
});

describe('A licence', () => {
  it.each([
    'MIT',
    '(MIT)',
    'MIT OR GPL-3.0-only',
    'GPL-3.0-only OR MIT',
    'MIT AND ISC',
    '(MIT OR GPL-3.0-only) AND ISC',
    'ISC AND (GPL-3.0-only OR MIT)',
    'MIT AND ISC OR GPL-3.0-only',
    'GPL-3.0-only AND ISC OR MIT',
    '((MIT))',
  ])('%s is permitted', (expression) => {
    expect(isAllowed(expression)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'GPL-3.0-only',
    'GPL-3.0-only OR AGPL-3.0-only',
    'MIT AND GPL-3.0-only',
    '(MIT OR ISC) AND GPL-3.0-only',
    'GPL-3.0-only AND (MIT OR ISC)',
    'MIT AND (GPL-3.0-only OR AGPL-3.0-only)',
    'GPL-3.0-only OR MIT AND AGPL-3.0-only',
    'Apache-2.0 WITH LLVM-exception',
    'MIT GPL-3.0-only',
    'MIT OR',
    '(MIT',
    'MIT)',
    'MIT and ISC',
    'SEE LICENSE IN LICENSE',
    'UNLICENSED',
  ])('%s is refused', (expression) => {
    expect(isAllowed(expression)).toBe(false);
  });
});
