import { DataSource } from 'typeorm';
import { introspectionMigrations } from '../../migrations/index.js';
import { introspectionEntities } from '../../src/schema/entities.js';

/** The data source of the server and of the operator's command. */
export function createDataSource({
  url,
  poolSize,
  queryTimeout,
}: {
  url: string;
  poolSize?: number;
  /** How long a query may take, in milliseconds; 0: there is no limit. Default: 10000. */
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
