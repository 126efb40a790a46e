import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Fault {
  name: string;
  file: string;
  from: string;
  to: string;
}

const ROOT = join(import.meta.dirname, '../..');
const lists = await readdir(join(ROOT, 'scripts/seeded'));
const faults = (await Promise.all(lists.map(faultsOf))).flat();

describe('A fault can be planted in the code as it is:', () => {
  it.each(faults.map(({ name, ...fault }) => [name, fault] as const))(
    '%s',
    async (_name, { file, from, to }) => {
      expect(await readFile(join(ROOT, file), 'utf8')).toContain(from);
      expect(to).not.toBe(from);
    },
  );
});

async function faultsOf(list: string): Promise<Fault[]> {
  const module = (await import(join(ROOT, 'scripts/seeded', list))) as Record<string, Fault[]>;
  return Object.values(module).flat();
}
