import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { installIn, pack } from '../hosts/packages.js';
import { run } from '../support/command.js';
import type { Result } from '../support/command.js';
import { manifest, requiredPeers } from '../support/manifest.js';

/** A directory with nothing of ours around it, in which the packed package is installed. */
export class HostProject {
  private constructor(
    readonly directory: string,
    readonly tarball: string,
  ) {}

  /** Packs the package and installs it with the newest of its peers and the Express adapter alone. */
  static async create(): Promise<HostProject> {
    const directory = await mkdtemp(join(tmpdir(), 'introspection-host-'));
    try {
      const tarball = await pack(directory);
      await installIn(directory, {
        [manifest.name]: `file:${tarball}`,
        ...requiredPeers,
        '@nestjs/platform-express': manifest.devDependencies['@nestjs/platform-express'],
      });
      return new HostProject(directory, tarball);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
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

  run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> {
    return run(program, args, { cwd: this.directory, env });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
