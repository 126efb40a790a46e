import { cp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, it } from 'vitest';
import { run } from '../support/command.js';
import { ADAPTERS } from '../support/host.js';
import type { Adapter } from '../support/host.js';
import { NODES, nodeProgram } from './corners.js';
import { expectIntrospection } from './started-application.js';

const HOST = fileURLToPath(new URL('../..', import.meta.url));
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** By the name of their module system, the values of the field "type" in a package.json. */
const KINDS = { ESM: 'module', CommonJS: 'commonjs' } as const;

/** Both adapters on Node as it is here, and one of them on the oldest Node of each line. */
const CASES: readonly [adapter: Adapter, node: string, program: string][] = [
  ...ADAPTERS.map((adapter): (typeof CASES)[number] => [adapter, 'this Node', process.execPath]),
  ...NODES.map((version): (typeof CASES)[number] => [
    'express',
    `Node ${version}`,
    join(HOST, '..', nodeProgram(version)),
  ]),
];

describe('An application that installs the package', () => {
  // The same source twice: the nearest package.json decides what a file is compiled to.
  beforeAll(async () => {
    for (const type of Object.values(KINDS)) {
      const folder = join(HOST, type);
      await rm(folder, { recursive: true, force: true });
      await cp(join(HOST, 'test', 'hosts', 'application'), folder, { recursive: true });
      await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
    }
  });

  // First, because what it compiles is what the others run.
  it.each([
    ['nodenext', { module: 'nodenext' }],
    ['bundler', { module: 'preserve', moduleResolution: 'bundler', noEmit: true }],
  ])('finds sound types with moduleResolution %s', compile, 120_000);

  describe.each(Object.entries(KINDS))('%s', (_kind, type) => {
    it.each(CASES)('introspects on %s, with %s', (adapter, _node, program) =>
      expectIntrospection(join(HOST, type, 'main.js'), adapter, program),
    );
  });
});

/** Checks the applications and all declarations that they reach, and compiles them in place. */
async function compile(name: string, options: object): Promise<void> {
  const project = join(HOST, `tsconfig.${name}.json`);
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023'],
    types: ['node'],
    strict: true,
    experimentalDecorators: true,
    skipLibCheck: false,
    ...options,
  };
  await writeFile(project, JSON.stringify({ compilerOptions, include: Object.values(KINDS) }));
  await run(process.execPath, [TSC, '-p', project], { cwd: HOST });
}
