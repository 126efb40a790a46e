import { DataSource } from 'typeorm';
import { introspectionMigrations } from '../../migrations/index.js';
import { introspectionEntities } from './entities.js';

/** The data source that the module's repositories work on, whatever the host calls it. */
export const INTROSPECTION_DATA_SOURCE = Symbol('INTROSPECTION_DATA_SOURCE');

/** A data source of our own, for the server and the operator's command. */
export function createDataSource({
  url,
  poolSize,
  queryTimeout,
}: {
  url: string;
  poolSize?: number;
  /** How long a query may take, in milliseconds; 0: as long as it likes. Default: 10000. */
  queryTimeout?: number;
}): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize: poolSize ?? 10,
    applicationName: 'introspection',
    connectTimeoutMS: 2000,
    entities: introspectionEntities,
    migrations: introspectionMigrations,
    extra: { query_timeout: queryTimeout ?? 10_000 },
  });
}
