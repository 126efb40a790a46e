import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as description from '../../app/environment/variables.js';
import type { Variable } from '../../app/environment/variable.js';
import { environmentDocs } from '../../scripts/environment-docs.mjs';

const { STACK_VARIABLES, VARIABLES } = description;
const files = Object.entries(await environmentDocs(description));
const compose = await readFile('docker-compose.yml', 'utf8');

const inStack = Object.entries<Variable>(VARIABLES).filter(([, variable]) => variable.inStack);

describe('What is written of the variables is what is checked at start:', () => {
  it.each(files)('%s (else run: npm run docs:environment)', async (file, text) => {
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it.each(inStack)('docker-compose.yml passes %s on', (name, variable) => {
    const taken = variable.inStack?.name ?? name;
    expect(compose).toMatch(new RegExp(`^ *${name}: (&[\\w-]+ )?\\$\\{${taken}:?-`, 'm'));
  });

  it('docker-compose.yml takes no variable that is not described', () => {
    const taken = [...compose.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!);
    const described = inStack.map(([name, variable]) => variable.inStack?.name ?? name);
    described.push(...Object.keys(STACK_VARIABLES));
    expect([...new Set(taken)].sort()).toEqual(described.sort());
  });
});
