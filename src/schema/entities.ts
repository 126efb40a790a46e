import { ClientEntity, ClientSecretEntity } from './client.entity.js';
import { AuthenticationFailureEntity } from './authentication-failure.entity.js';
import { DeletedClientEntity } from './deleted-client.entity.js';
import { OpaqueTokenEntity } from './opaque-token.entity.js';
import { RevokedJwtEntity } from './revoked-jwt.entity.js';

/** Every entity, for the `entities` of a TypeORM data source. */
export const introspectionEntities = [
  ClientEntity,
  ClientSecretEntity,
  DeletedClientEntity,
  OpaqueTokenEntity,
  RevokedJwtEntity,
  AuthenticationFailureEntity,
];
