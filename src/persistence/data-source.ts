import { DataSource } from 'typeorm';
import { introspectionMigrations } from '../../migrations/index.js';
import { introspectionEntities } from './entities.js';

/** The data source that the module's repositories work on, whatever the host calls it. */
export const INTROSPECTION_DATA_SOURCE = Symbol('INTROSPECTION_DATA_SOURCE');

/** A data source of our own, for the server and the operator's command. */
export function createDataSource({
  url,
  poolSize,
}: {
  url: string;
  poolSize?: number;
}): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize: poolSize ?? 10,
    applicationName: 'introspection',
    connectTimeoutMS: 2000,
    entities: introspectionEntities,
    migrations: introspectionMigrations,
    extra: { query_timeout: 10_000 },
  });
}
