import { CreateIntrospectionTables1767225600000 } from './1767225600000-create-introspection-tables.js';

/** Every migration, oldest first, for the `migrations` of a TypeORM data source. */
export const introspectionMigrations = [CreateIntrospectionTables1767225600000];
