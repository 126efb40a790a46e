import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, it } from 'vitest';
import { run } from '../support/command.js';
import { ADAPTERS } from '../support/host.js';
import { expectIntrospection } from './started-application.js';

const HOST = fileURLToPath(new URL('../..', import.meta.url));
const NEST = join(HOST, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');

/** As `nest new` writes it, as far as builders read it. */
const COMPILER_OPTIONS = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  esModuleInterop: true,
  isolatedModules: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  target: 'ES2023',
  outDir: './dist',
  skipLibCheck: true,
  strictPropertyInitialization: false,
};

describe.each(['swc', 'webpack'])('An application that nest builds with %s', (builder) => {
  const folder = join(HOST, `built-by-${builder}`);
  beforeAll(async () => {
    await mkdir(folder);
    await cp(join(HOST, 'test', 'hosts', 'application'), join(folder, 'src'), { recursive: true });
    await symlink(join(HOST, 'node_modules'), join(folder, 'node_modules'));
    await write('package.json', { type: 'commonjs' });
    // TypeScript 6 has ts-loader told so; SWC in Nest 11 would write to dist/src.
    const rootDir = builder === 'webpack' ? './src' : undefined;
    await write('tsconfig.json', { compilerOptions: { ...COMPILER_OPTIONS, rootDir } });
    await write('nest-cli.json', { sourceRoot: 'src', compilerOptions: { builder } });
    await run(process.execPath, [NEST, 'build'], { cwd: folder });
  }, 120_000);

  it.each(ADAPTERS)('introspects on %s', (adapter) =>
    expectIntrospection(join(folder, 'dist', 'main.js'), adapter),
  );

  function write(name: string, content: object): Promise<void> {
    return writeFile(join(folder, name), JSON.stringify(content));
  }
});
