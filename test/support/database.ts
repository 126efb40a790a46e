import { randomBytes } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../app/environment/data-source.js';
import { TEMPLATE } from './postgres.js';

/** A data source for which a connection may take as long as it does on a busy machine. */
export function openPatiently(
  options: Parameters<typeof createDataSource>[0],
): Promise<DataSource> {
  return createDataSource(options).setOptions({ connectTimeoutMS: 0 }).initialize();
}

/** A migrated database of its own, empty. Whoever asks for it destroys the data source. */
export async function freshDatabase(): Promise<{ url: string; dataSource: DataSource }> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = await openPatiently({ url: `${server}/postgres`, poolSize: 1 });
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  await admin.destroy();
  const url = `${server}/${name}`;
  return { url, dataSource: await openPatiently({ url, poolSize: 4 }) };
}

/** The same, for one test. */
export async function databaseForTest() {
  const database = await freshDatabase();
  onTestFinished(() => database.dataSource.destroy());
  return database;
}
