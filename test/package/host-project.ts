import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../support/command.js';
import type { Result } from '../support/command.js';
import { manifest, requiredPeers } from '../support/manifest.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const NPM_QUIETLY = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
/** Named as in the field "type" of a package.json. */
export const APPLICATIONS = ['module', 'commonjs'] as const;
const NOT_COPIED = ['node_modules', '.git', 'dist', 'coverage', '.data'];

/** A directory with nothing of ours around it, in which the packed package is installed. */
export class HostProject {
  private constructor(readonly directory: string) {}

  /** Packs the package and installs it with its peers and the Express adapter alone. */
  static async create(): Promise<HostProject> {
    const directory = await mkdtemp(join(tmpdir(), 'introspection-host-'));
    const project = new HostProject(directory);
    try {
      const tarball = await pack(directory);
      await project.write('package.json', {
        private: true,
        dependencies: {
          [manifest.name]: `file:${tarball}`,
          ...requiredPeers,
          '@nestjs/platform-express': manifest.devDependencies['@nestjs/platform-express'],
        },
      });
      await project.run('npm', ['install', ...NPM_QUIETLY]);
      return project;
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  install(packages: Record<string, string | undefined>): Promise<Result> {
    const wanted = Object.entries(packages).map(([name, range]) => `${name}@${range}`);
    return this.run('npm', ['install', ...wanted, ...NPM_QUIETLY]);
  }

  /** The names of all installed packages. */
  async installed(): Promise<string[]> {
    const lock = JSON.parse(
      await readFile(join(this.directory, 'node_modules', '.package-lock.json'), 'utf8'),
    ) as { packages: Record<string, unknown> };
    return Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1) ?? path);
  }

  /** The files of our package, as installed. */
  async files(): Promise<string[]> {
    const at = join(this.directory, 'node_modules', manifest.name);
    const entries = await readdir(at, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(at, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .sort();
  }

  /** The application twice, for the nearest package.json decides what a file is compiled to. */
  async writeApplications(): Promise<void> {
    for (const kind of APPLICATIONS) {
      const source = fileURLToPath(new URL('host', import.meta.url));
      await cp(source, join(this.directory, kind), { recursive: true });
      await this.write(`${kind}/package.json`, { type: kind });
    }
  }

  /** Checks the applications and all declarations that they reach, and compiles them in place. */
  async compile(name: string, options: object): Promise<void> {
    await this.write(`tsconfig.${name}.json`, {
      compilerOptions: {
        target: 'ES2023',
        lib: ['ES2023'],
        types: ['node'],
        strict: true,
        experimentalDecorators: true,
        ...options,
      },
      include: APPLICATIONS,
    });
    await this.run(process.execPath, [TSC, '-p', `tsconfig.${name}.json`]);
  }

  run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> {
    return run(program, args, { cwd: this.directory, env });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private write(path: string, content: object): Promise<void> {
    return writeFile(join(this.directory, path), JSON.stringify(content, null, 2));
  }
}

/**
 * Packs a copy of the tree, as publishing does, so that nobody's build is replaced under them. It
 * is inside the tree because the build looks for node_modules upwards.
 */
export async function pack(destination: string): Promise<string> {
  await mkdir(join(ROOT, '.data'), { recursive: true });
  const copy = await mkdtemp(join(ROOT, '.data', 'pack-'));
  try {
    for (const name of await readdir(ROOT)) {
      if (!NOT_COPIED.includes(name)) {
        await cp(join(ROOT, name), join(copy, name), { recursive: true });
      }
    }
    await run('npm', ['pack', '--pack-destination', destination], { cwd: copy });
  } finally {
    await rm(copy, { recursive: true });
  }
  return join(destination, `${manifest.name}-${manifest.version}.tgz`);
}
