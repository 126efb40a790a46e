import { onTestFinished } from 'vitest';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../app/environment/data-source.js';
import { emptyDatabase } from './empty-database.js';

/** Our tables, by their names where a data source has none of its own. */
export const OUR_TABLES = [
  'authentication_failure',
  'client',
  'client_secret',
  'deleted_client',
  'opaque_token',
  'revoked_jwt',
];

/** A data source's own names for our tables. */
export interface OwnNames {
  readonly schema?: string;
  readonly entityPrefix?: string;
  readonly migrationsTableName?: string;
}

/** What a host's data source may name, and the schemas in which the host has tables of its own that would clash. */
export const OWN_NAMES: readonly [what: string, names: OwnNames, taken: readonly string[]][] = [
  ['no names of its own', {}, []],
  ['a schema', { schema: 'own' }, ['public']],
  ['a prefix', { entityPrefix: 'Sts_', migrationsTableName: 'sts_migrations' }, ['public']],
  [
    'a schema and a prefix',
    { schema: 'own', entityPrefix: 'sts-', migrationsTableName: 'sts_migrations' },
    ['public', 'own'],
  ],
];

/** What a host has in each of its schemas: a table of the same name, with a key and indexes of the usual names. */
const OF_THE_HOST = (schema: string) => `
  CREATE TABLE ${schema}.client (id serial CONSTRAINT client_pkey PRIMARY KEY, name text);
  INSERT INTO ${schema}.client (name) VALUES ('of the host');
  CREATE TABLE ${schema}.opaque_token (id serial PRIMARY KEY, exp bigint, client_id text);
  CREATE INDEX ON ${schema}.opaque_token (exp);
  CREATE INDEX ON ${schema}.opaque_token (client_id);
  CREATE TABLE ${schema}.migrations (version text);`;

/** A database for one test, in which `own` is an empty schema, and these schemas have tables of the host's. */
export async function databaseOfHost(taken: readonly string[]): Promise<string> {
  const url = await emptyDatabase();
  const admin = await open(url);
  await admin.query('CREATE SCHEMA own');
  for (const schema of taken) await admin.query(OF_THE_HOST(schema));
  await admin.destroy();
  return url;
}

/** A data source for one test. */
export async function dataSourceForTest(url: string, names: OwnNames): Promise<DataSource> {
  const dataSource = await open(url, names);
  onTestFinished(() => dataSource.destroy());
  return dataSource;
}

function open(url: string, names: OwnNames = {}): Promise<DataSource> {
  return createDataSource({ url, poolSize: 4 })
    .setOptions({ ...names, connectTimeoutMS: 0 })
    .initialize();
}
