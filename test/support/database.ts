import { randomBytes } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../app/environment/data-source.js';
import { TEMPLATE } from './postgres.js';

/** A migrated database of its own, empty. Whoever asks for it destroys the data source. */
export async function freshDatabase(): Promise<{ url: string; dataSource: DataSource }> {
  const server = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = await createDataSource({ url: `${server}/postgres`, poolSize: 1 }).initialize();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  await admin.destroy();
  const url = `${server}/${name}`;
  const dataSource = createDataSource({ url, poolSize: 4 });
  return { url, dataSource: await dataSource.setOptions({ connectTimeoutMS: 0 }).initialize() };
}

/** The same, for one test. */
export async function databaseForTest() {
  const database = await freshDatabase();
  onTestFinished(() => database.dataSource.destroy());
  return database;
}
