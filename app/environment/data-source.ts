import { DataSource } from 'typeorm';
import { introspectionMigrations } from '../../migrations/index.js';
import { introspectionEntities } from '../../src/schema/entities.js';

/** The data source of the server and of the operator's command. */
export function createDataSource({
  url,
  schema,
  poolSize,
  queryTimeout,
}: {
  url: string;
  /** The schema of the tables. Default: the first of the connection's search path. */
  schema?: string | undefined;
  poolSize?: number;
  /** How long a query may take, in milliseconds; 0: there is no limit. Default: 10000. */
  queryTimeout?: number;
}): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    ...(schema === undefined ? {} : { schema }),
    poolSize: poolSize ?? 10,
    // What fails is thrown, and told by us; TypeORM's default would print it on stdout, too.
    logger: 'debug',
    applicationName: 'introspection',
    connectTimeoutMS: 2000,
    entities: introspectionEntities,
    migrations: introspectionMigrations,
    extra: { query_timeout: queryTimeout ?? 10_000 },
  });
}
