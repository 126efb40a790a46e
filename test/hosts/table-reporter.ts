import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** The adapter that a test names, if it does. The server's own door, `node`, is in front of Fastify. */
const ADAPTERS: readonly [adapter: string, named: RegExp][] = [
  ['Express', /\bexpress\b/i],
  ['Fastify', /\b(fastify|node)\b/i],
  ['—', /(?:)/],
];

/** The tests of an application are by its module system, all others by their folder. */
const COLUMNS = ['ESM', 'CommonJS', 'module', 'conformance', 'freshness', 'other'] as const;

/** When all is over: how many tests have passed in each host, by adapter and by what they are about. */
export default class TableReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, Record<string, Tally | string>>();
    for (const { module, test } of testsOf(modules)) {
      const adapter = ADAPTERS.find(([, named]) => named.test(test.fullName))![0];
      const key = `${module.project.name}, ${adapter}`;
      const row = rows.get(key) ?? { host: module.project.name, adapter };
      rows.set(key, row);
      const column = columnOf(module, test);
      const tally = (row[column] ??= new Tally()) as Tally;
      tally.add(test.result().state === 'passed');
    }
    const head = ['host', 'adapter', ...COLUMNS];
    const lines = [...rows.values()].map((row) => head.map((name) => String(row[name] ?? '')));
    console.log(aligned([head, ...lines]));
  }
}

function* testsOf(modules: readonly TestModule[]) {
  for (const module of modules) {
    for (const test of module.children.allTests()) yield { module, test };
  }
}

function columnOf(module: TestModule, test: TestCase): string {
  const kind = /> (ESM|CommonJS) >/.exec(test.fullName)?.[1];
  const folder = /\/test\/(\w+)\/[^/]+$/.exec(module.moduleId)?.[1] ?? '';
  return [kind, folder].find((name) => COLUMNS.some((column) => column === name)) ?? 'other';
}

class Tally {
  #passed = 0;
  #all = 0;

  add(hasPassed: boolean): void {
    this.#all++;
    if (hasPassed) this.#passed++;
  }

  toString(): string {
    return this.#passed === this.#all ? String(this.#all) : `${this.#passed} of ${this.#all}`;
  }
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')).join('\n');
}
