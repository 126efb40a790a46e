import { ClientSecretEntity } from '../clients/client-secret.entity.js';
import { ClientEntity } from '../clients/client.entity.js';
import { AuthenticationFailureEntity } from '../limits/authentication-failure.entity.js';
import { OpaqueTokenEntity } from '../tokens/opaque-token.entity.js';
import { RevokedJwtEntity } from '../tokens/revoked-jwt.entity.js';

/** Every entity, for the `entities` of a TypeORM data source. */
export const introspectionEntities = [
  ClientEntity,
  ClientSecretEntity,
  OpaqueTokenEntity,
  RevokedJwtEntity,
  AuthenticationFailureEntity,
];
