import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { joinEmbeddedPostgres } from '../../app/postgres/embedded-postgres.js';
import { createDataSource } from '../../app/environment/data-source.js';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** The migrated database that each test file's own is a copy of. */
export const TEMPLATE = 'introspection_template';

/** One real Postgres for the whole run. */
export default async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'introspection-test-'));
  const postgres = await joinEmbeddedPostgres(folder);
  const url = postgres.url.slice(0, postgres.url.lastIndexOf('/'));
  const admin = await createDataSource({ url: `${url}/postgres` }).initialize();
  await admin.query('ALTER SYSTEM SET fsync = off');
  await admin.query('SELECT pg_reload_conf()');
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.destroy();
  const template = await createDataSource({ url: `${url}/${TEMPLATE}` }).initialize();
  await template.runMigrations();
  await template.destroy();
  project.provide('postgresUrl', url);

  return async () => {
    await postgres.leave();
    await rm(folder, { recursive: true, force: true });
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
