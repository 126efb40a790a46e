import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../support/command.js';
import { manifest } from '../support/manifest.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const NPM_QUIETLY = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
const NOT_COPIED = ['node_modules', '.git', 'dist', 'coverage', '.data'];

/** Package names and what is wanted of each: a range, or `file:` and a tarball. */
export type Packages = Readonly<Record<string, string | undefined>>;

/**
 * Packs a copy of the tree, as publishing does, so that nobody's build is replaced under them. It
 * is inside the tree because the build looks for node_modules upwards. @returns the tarball
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

/** Makes a project of these packages in a folder, and installs them as npm does by default. */
export async function installIn(folder: string, dependencies: Packages): Promise<void> {
  await mkdir(folder, { recursive: true });
  const project = { private: true, type: 'module', dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project, null, 2));
  await run('npm', ['install', ...NPM_QUIETLY], { cwd: folder });
}
