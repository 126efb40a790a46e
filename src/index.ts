export { IntrospectionModule } from './introspection/introspection.module.js';
export type {
  IntrospectionModuleAsyncOptions,
  IntrospectionModuleOptions,
  IntrospectionModuleShape,
  IntrospectionOptions,
  TrustedIssuer,
} from './introspection/introspection.options.js';
export type { LimitsOptions } from './limits/limits.options.js';
export type { JwksFile, JwksSource, JwksUrl } from './keys/jwks-source.js';

export { IntrospectionService } from './introspection/introspection.service.js';
export type { RequestContext } from './introspection/introspection.service.js';
export { TokenIntrospectionRequest } from './introspection/token-introspection-request.js';
export type {
  ActiveResponse,
  InactiveResponse,
  IntrospectionResponse,
} from './introspection/introspection-response.js';

export { TokenTypeHint } from './strategies/introspection-strategy.js';
export type { Finding, IntrospectionStrategy } from './strategies/introspection-strategy.js';
export type { ClientState, InactiveReason, TokenRecord } from './introspection/decision.js';

export { AccessPolicy, AudiencePolicy } from './introspection/access-policy.js';
export { ClientRepository } from './clients/client-repository.js';
export type { Caller, Client, ClientSecret } from './clients/client.js';
export { DecisionObserver } from './introspection/decision-observer.js';
export type {
  AbuseEvent,
  DecisionEvent,
  GuessingEvent,
  RefusalEvent,
  ScanningEvent,
} from './introspection/decision-observer.js';
export { LoggingObserver } from './introspection/logging-observer.js';
export { JwtRevocationRepository } from './tokens/jwt-revocation-repository.js';
export { KeySource } from './keys/key-source.js';
export type { KeyHeader, KeySet } from './keys/key-source.js';
export { OpaqueTokenRepository } from './tokens/opaque-token-repository.js';
export { tokenDigest } from './tokens/opaque-token.js';
export type { OpaqueTokenRecord } from './tokens/opaque-token.js';

export {
  ClientExistsError,
  ClientNotFoundError,
  TypeOrmClientRepository,
} from './clients/typeorm-client.repository.js';
export type { NewClient } from './clients/typeorm-client.repository.js';
export { hashChosenSecret, hashSecret } from './clients/secret-hash.js';
export { TypeOrmJwtRevocationRepository } from './tokens/typeorm-jwt-revocation.repository.js';
export { TypeOrmOpaqueTokenRepository } from './tokens/typeorm-opaque-token.repository.js';
export type { NewOpaqueToken } from './tokens/typeorm-opaque-token.repository.js';

export { ClientEntity } from './clients/client.entity.js';
export { ClientSecretEntity } from './clients/client-secret.entity.js';
export { OpaqueTokenEntity } from './tokens/opaque-token.entity.js';
export { AuthenticationFailureEntity } from './limits/authentication-failure.entity.js';
export { RevokedJwtEntity } from './tokens/revoked-jwt.entity.js';
export { introspectionEntities } from './persistence/entities.js';
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
} from './errors/oauth-error.js';
export type { OAuthErrorCode } from './errors/oauth-error.js';
