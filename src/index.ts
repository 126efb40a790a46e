export { IntrospectionModule } from './introspection.module.js';
export type {
  IntrospectionModuleAsyncOptions,
  IntrospectionModuleOptions,
  IntrospectionModuleShape,
  IntrospectionOptions,
  IntrospectionOptionsFactory,
  TrustedIssuer,
} from './config/introspection.options.js';
export type { LimitsOptions } from './config/limits.options.js';
export type { JwksFile, JwksSource, JwksUrl } from './config/jwks-source.js';

export { IntrospectionService } from './decision/introspection.service.js';
export type { Begun, RequestContext } from './decision/introspection.service.js';
export { TokenIntrospectionRequest } from './model/token-introspection-request.js';
export type {
  ActiveResponse,
  InactiveResponse,
  IntrospectionResponse,
} from './decision/introspection-response.js';

export { introspectionOpenApi } from './http/openapi/fragment.js';
export type {
  OpenApiFragment,
  OpenApiOperation,
  OpenApiResponse,
  OpenApiSchema,
} from './http/openapi/types.js';

export { TokenTypeHint } from './model/introspection-strategy.js';
export type { Finding, IntrospectionStrategy } from './model/introspection-strategy.js';
export type { InactiveReason } from './model/inactive-reason.js';
export type { OpaqueTokenRecord, TokenRecord } from './model/token-record.js';

export { AudiencePolicy } from './decision/audience-policy.js';
export { AccessPolicy } from './model/access-policy.js';
export { ClientRepository } from './model/client-repository.js';
export type { Caller, Client, ClientSecret } from './model/client.js';
export { DecisionObserver } from './model/decision-observer.js';
export type {
  AbuseEvent,
  AuthenticationFault,
  DecisionEvent,
  GuessingEvent,
  RefusalEvent,
  ScanningEvent,
} from './model/decision-observer.js';
export { LoggingObserver } from './events/logging-observer.js';
export { JwtRevocationRepository } from './model/jwt-revocation-repository.js';
export { KeySource } from './model/key-source.js';
export type { KeyHeader, KeySet } from './model/key-source.js';
export { OpaqueTokenRepository } from './model/opaque-token-repository.js';
export { tokenDigest } from './tokens/opaque-token.js';

export { ClientExistsError, ClientNotFoundError } from './model/client-errors.js';
export { TypeOrmClientRepository } from './clients/typeorm-client.repository.js';
export type { ClientChanges, NewClient } from './clients/typeorm-client.repository.js';
export { hashChosenSecret, hashSecret } from './clients/secret-hash.js';
export { revocationHash } from './jwt/revocation-hash.js';
export { TypeOrmJwtRevocationRepository } from './jwt/typeorm-jwt-revocation.repository.js';
export { TypeOrmOpaqueTokenRepository } from './tokens/typeorm-opaque-token.repository.js';
export type { NewOpaqueToken } from './tokens/typeorm-opaque-token.repository.js';

export { ClientEntity, ClientSecretEntity } from './schema/client.entity.js';
export { DeletedClientEntity } from './schema/deleted-client.entity.js';
export { OpaqueTokenEntity } from './schema/opaque-token.entity.js';
export { AuthenticationFailureEntity } from './schema/authentication-failure.entity.js';
export { RevokedJwtEntity } from './schema/revoked-jwt.entity.js';
export { introspectionEntities } from './schema/entities.js';
export { introspectionMigrations } from '../migrations/index.js';

export {
  InvalidClientError,
  InvalidRequestError,
  InvalidTokenError,
  OAuthError,
  TemporarilyUnavailableError,
  TooManyRequestsError,
  UnauthorizedClientError,
  UnsupportedTokenTypeError,
} from './model/oauth-error.js';
export type { OAuthErrorCode } from './model/oauth-error.js';
