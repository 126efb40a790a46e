import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { emptyDatabase } from '../support/empty-database.js';
import { ADAPTERS } from '../support/host.js';
import type { Adapter } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { manifest, requiredPeers } from '../support/manifest.js';
import { APPLICATIONS, HostProject } from './host-project.js';

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
    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

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

describe('an application that installs the package', () => {
  beforeAll(async () => {
    const { devDependencies } = manifest;
    await host.install({
      '@nestjs/platform-fastify': devDependencies['@nestjs/platform-express'],
      '@types/express': devDependencies['@types/express'],
      '@types/node': devDependencies['@types/node'],
    });
    await host.writeApplications();
  }, 120_000);

  // First, because what it compiles is what the others run.
  it.concurrent.each([
    ['nodenext', { module: 'nodenext' }],
    ['bundler', { module: 'preserve', moduleResolution: 'bundler', noEmit: true }],
  ])(
    'finds sound types with moduleResolution %s',
    (name, options) => host.compile(name, options),
    120_000,
  );

  describe.each(APPLICATIONS)('of the type "%s"', (kind) => {
    it.each(ADAPTERS)('introspects on %s', async (adapter) => {
      const { origin, clientId, clientSecret, token, exported } = await start(kind, adapter);
      expect(exported).toBe(true);
      const headers = [...FORM, 'Authorization', basic(clientId, clientSecret)];
      const answer = await ask(origin, { headers, body: `token=${token}` });
      expect(answer).toMatchObject({ status: 200, json: { active: true, sub: 'somebody' } });
    });
  });
});

interface Started {
  origin: string;
  clientId: string;
  clientSecret: string;
  token: string;
  exported: boolean;
}

/** Runs the compiled application for one test; it prints one line when it is ready. */
async function start(kind: string, adapter: Adapter): Promise<Started> {
  const child = spawn(process.execPath, [`${kind}/main.js`, adapter], {
    cwd: host.directory,
    env: { ...process.env, DATABASE_URL: await emptyDatabase() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('{')) return JSON.parse(line) as Started;
    errors += `${line}\n`;
  }
  throw new Error(`The application did not start:\n${errors}`);
}
