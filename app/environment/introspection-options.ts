import type { IntrospectionOptions } from '../../src/config/introspection.options.js';
import type { Environment } from './environment.js';
import { ownKeys } from './signing-key.js';

/** The module's options, as the environment has them. */
export function introspectionOptions(environment: Environment): IntrospectionOptions {
  const jwks = ownKeys(environment);
  const { issuer, issuerAliases, trustedIssuers, algorithms, jwtTypes } = environment;
  const { unknownHints, unrecognizedTokens, bodyLimit, readTimeout, realm } = environment;
  const { limits, trustedProxies } = environment;
  return {
    issuer,
    issuerAliases,
    ...(jwks ? { jwks } : {}),
    trustedIssuers,
    algorithms,
    jwtTypes,
    unknownHints,
    unrecognizedTokens,
    bodyLimit,
    readTimeout,
    realm,
    limits,
    trustedProxies,
  };
}
