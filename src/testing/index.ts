export { basicAuthorization } from './basic-authorization.js';
export { InMemoryClientRepository } from './in-memory-client.repository.js';
export { InMemoryJwtRevocationRepository } from './in-memory-jwt-revocation.repository.js';
export { InMemoryOpaqueTokenRepository } from './in-memory-opaque-token.repository.js';
export { IntrospectionTesting } from './introspection-testing.js';
export type { OverridesProviders } from './introspection-testing.js';
export type { TestAlgorithm, TestClaims } from './test-signing-key.js';
