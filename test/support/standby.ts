import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PostgresCluster } from '../../app/postgres/postgres-cluster.js';
import { openPatiently } from './database.js';

/**
 * The URL of a migrated database whose Postgres is a standby: it answers from what it has, and takes no
 * writes. Its primary has gone.
 */
export async function standbyForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'introspection-standby-'));
  const cluster = await PostgresCluster.at(join(folder, 'postgres'));
  const url = async () =>
    `postgres://postgres:${await cluster.password()}@127.0.0.1:${await cluster.port()}/postgres`;
  await cluster.start();
  onTestFinished(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true });
  });
  const dataSource = await openPatiently({ url: await url() });
  await dataSource.runMigrations();
  await dataSource.destroy();
  await cluster.stop();
  const data = join(folder, 'postgres', 'data');
  const signal = join(data, 'standby.signal');
  await writeFile(signal, '');
  const { uid, gid } = await stat(data);
  await chown(signal, uid, gid);
  await cluster.start();
  return url();
}
