import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../hosts/packages.js';
import { emptyDatabase } from '../support/empty-database.js';
import { manifest, requiredPeers } from '../support/manifest.js';
import { HostProject } from './host-project.js';

const BIN = (name: string) => join(ROOT, 'node_modules', '.bin', name);

let host: HostProject;
beforeAll(async () => {
  host = await HostProject.create();
}, 240_000);
afterAll(() => host?.remove());

describe('the package', () => {
  it.each([
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/src/index.js',
    'dist/src/index.d.ts',
    'dist/app/cli/main.js',
    'dist/migrations/index.js',
    'dist/migrations/index.d.ts',
  ])('has %s', async (file) => {
    expect(await host.files()).toContain(file);
  });

  it('has nothing else but compiled modules of the library and the command', async () => {
    const others = (await host.files()).filter(
      (file) =>
        !/^dist\/(app\/(failure|(cli|environment)\/)|src\/|migrations\/).*\.(js|d\.ts)$/.test(file),
    );
    expect(others.filter((file) => !/^docs\/[\w-]+\.(md|png|svg)$/.test(file))).toEqual([
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'package.json',
    ]);
  });

  it('has what README links to', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(5);
    expect(await host.files()).toEqual(expect.arrayContaining(links));
  });

  it('is published as publint would have it', () =>
    host.run(BIN('publint'), ['--strict', host.tarball]));

  it('has types that every way to resolve them finds', () =>
    // Every Node that it runs on can require() an ES module.
    host.run(BIN('attw'), [host.tarball, '--ignore-rules', 'cjs-resolves-to-esm']));

  it('brings its dependencies and the peers, and nothing for development or for the server', async () => {
    const installed = await host.installed();
    const allowed = new Set(Object.keys({ ...manifest.dependencies, ...requiredPeers }));
    expect(installed).toEqual(expect.arrayContaining([...allowed]));
    const forbidden = Object.keys(manifest.devDependencies)
      .filter((name) => name !== '@nestjs/platform-express')
      .concat('fastify', 'pino', 'prom-client', 'swagger-ui-dist', '@nestjs/platform-fastify');
    expect(installed.filter((name) => forbidden.includes(name))).toEqual([]);
  });

  it('leaves the host without a conflict between versions', async () => {
    await expect(host.run('npm', ['ls', '--all'])).resolves.toBeDefined();
  });
});

describe('RELEASING.md', () => {
  it('has one address to fill in', async () => {
    const text = await readFile(join(ROOT, 'RELEASING.md'), 'utf8');
    const [, commands] = /```sh\n([^]*?)```/.exec(text)!;
    const folder = join(host.directory, 'release');
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ publishConfig: {} }));
    await host.run('sh', ['-ec', `cd release\n${commands!}`]);
    expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).toEqual({
      repository: { type: 'git', url: 'git+https://github.com/OWNER/NAME.git' },
      homepage: 'https://github.com/OWNER/NAME#readme',
      bugs: { url: 'https://github.com/OWNER/NAME/issues' },
      publishConfig: { provenance: true },
    });
  });
});

describe('the command, in a host that has neither Fastify nor Pino', () => {
  it('prints its help', async () => {
    const { stdout } = await host.run('npx', ['--no', 'introspection', '--', '--help']);
    expect(stdout).toMatch(/migrate[^]*client[^]*token/);
  });

  it('migrates and creates a client', async () => {
    const env = { DATABASE_URL: await emptyDatabase() };
    const introspection = async (...args: string[]) => {
      const { stdout } = await host.run('npx', ['--no', 'introspection', '--', ...args], env);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    await introspection('migrate', '--json');
    const client = await introspection('client', 'create', 'api', '--json');
    expect(client).toMatchObject({ client_id: 'api', client_secret: expect.any(String) });
  });
});
