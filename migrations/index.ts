import { CreateIntrospectionTables1767225600000 } from './1767225600000-create-introspection-tables.js';
import { CreateAuthenticationFailures1767312000000 } from './1767312000000-create-authentication-failures.js';
import { RememberDeletedClients1767398400000 } from './1767398400000-remember-deleted-clients.js';

/** Every migration, oldest first, for the `migrations` of a TypeORM data source. */
export const introspectionMigrations = [
  CreateIntrospectionTables1767225600000,
  CreateAuthenticationFailures1767312000000,
  RememberDeletedClients1767398400000,
];
