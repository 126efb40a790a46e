import { CreateIntrospectionTables1767225600000 } from './1767225600000-create-introspection-tables.js';
import { CreateAuthenticationFailures1767312000000 } from './1767312000000-create-authentication-failures.js';

/** Every migration, oldest first, for the `migrations` of a TypeORM data source. */
export const introspectionMigrations = [
  CreateIntrospectionTables1767225600000,
  CreateAuthenticationFailures1767312000000,
];
