import type { Provider } from '@nestjs/common';
import { ClientAuthenticator } from '../clients/client-authenticator.js';
import { PortCheck } from '../config/port-check.js';
import { AudiencePolicy } from '../decision/audience-policy.js';
import { Decider } from '../decision/decider.js';
import { IntrospectionService } from '../decision/introspection.service.js';
import { StrategyRegistry } from '../decision/strategy-registry.js';
import { LoggingObserver } from '../events/logging-observer.js';
import { Observers } from '../events/observers.js';
import { TracingObserver, tracingObserver } from '../events/tracing-observer.js';
import { EndpointAdapter } from '../http/adapters/adapter.js';
import { CallerAuthentication } from '../http/caller-authentication.js';
import { ClientAddress } from '../http/client-address.js';
import { ClientAuthGuard } from '../http/client-auth.guard.js';
import { ClientBasicStrategy } from '../http/client-basic.strategy.js';
import { EndpointSteps } from '../http/endpoint-steps.js';
import { GuardAdvice } from '../http/neighbours/guard-advice.js';
import { Neighbours } from '../http/neighbours/neighbours.js';
import { OAuthExceptionFilter } from '../http/oauth-exception.filter.js';
import { SlowAuthentication } from '../http/slow-authentication.js';
import { StraightWay } from '../http/straight-way.js';
import { ConfiguredKeySource } from '../jwt/configured-key-source.js';
import { JwtVerifier } from '../jwt/jwt-verifier.js';
import { JwtStrategy } from '../jwt/jwt.strategy.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import { ScanningLimit } from '../limits/scanning-limit.js';
import { SlowComparisons } from '../limits/slow-comparisons.js';
import { AccessPolicy } from '../model/access-policy.js';
import { DecisionObserver } from '../model/decision-observer.js';
import { KeySource } from '../model/key-source.js';
import { OpaqueTokenStrategy } from '../tokens/opaque-token.strategy.js';
import { ScopeCheck } from './scope-check.js';

/** The endpoint's own parts, and the ports that a host may bind in their place. */
export const OWN_PROVIDERS: readonly Provider[] = [
  CallerAuthentication,
  ClientAddress,
  ClientAuthGuard,
  ClientAuthenticator,
  ClientBasicStrategy,
  Decider,
  EndpointAdapter,
  EndpointSteps,
  GuardAdvice,
  GuessingLimit,
  IntrospectionService,
  JwtStrategy,
  JwtVerifier,
  Neighbours,
  OAuthExceptionFilter,
  Observers,
  OpaqueTokenStrategy,
  PortCheck,
  ScanningLimit,
  ScopeCheck,
  SlowAuthentication,
  SlowComparisons,
  StraightWay,
  StrategyRegistry,
  { provide: AccessPolicy, useClass: AudiencePolicy },
  { provide: DecisionObserver, useClass: LoggingObserver },
  { provide: KeySource, useClass: ConfiguredKeySource },
  { provide: TracingObserver, useFactory: tracingObserver },
];
