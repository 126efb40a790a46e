import { Module } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { ClientAuthenticator } from '../../src/clients/client-authenticator.js';
import { ClientRepository } from '../../src/model/client-repository.js';
import type { Client } from '../../src/model/client.js';
import { AccessPolicy, AudiencePolicy } from '../../src/decision/access-policy.js';
import { DecisionObserver } from '../../src/model/decision-observer.js';
import type { DecisionEvent } from '../../src/model/decision-observer.js';
import { IntrospectionService } from '../../src/decision/introspection.service.js';
import type { IntrospectionOptions } from '../../src/config/introspection.options.js';
import { Observers } from '../../src/events/observers.js';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { KeySource } from '../../src/model/key-source.js';
import { ScanningLimit } from '../../src/limits/scanning-limit.js';
import { JwtStrategy } from '../../src/jwt/jwt.strategy.js';
import { OpaqueTokenStrategy } from '../../src/tokens/opaque-token.strategy.js';
import { StrategyRegistry } from '../../src/decision/strategy-registry.js';
import { JwtRevocationRepository } from '../../src/model/jwt-revocation-repository.js';
import { OpaqueTokenRepository } from '../../src/model/opaque-token-repository.js';
import { tokenDigest } from '../../src/tokens/opaque-token.js';
import type { OpaqueTokenRecord } from '../../src/tokens/opaque-token.js';

/**
 * The decision path in process, as a host calls it, with the storage ports bound to maps: what it
 * takes to try a thousand changes of its code.
 */
export async function startInProcess(options: Partial<IntrospectionOptions> & { issuer: string }) {
  const clients = new Map<string, Client>();
  const tokens = new Map<string, OpaqueTokenRecord>();
  const revoked = new Set<string>();
  const decided: DecisionEvent[] = [];
  const clientPort: ClientRepository = { find: async (id) => clients.get(id) };
  const tokenPort: OpaqueTokenRepository = {
    findByDigest: async (digest) => tokens.get(digest.toString('hex')),
  };
  const revocationPort: JwtRevocationRepository = {
    isRevoked: async (hash) => revoked.has(hash.toString('hex')),
  };

  @Module({
    imports: [DiscoveryModule],
    providers: [
      { provide: IntrospectionSettings, useValue: new IntrospectionSettings(options) },
      { provide: ClientRepository, useValue: clientPort },
      { provide: OpaqueTokenRepository, useValue: tokenPort },
      { provide: JwtRevocationRepository, useValue: revocationPort },
      { provide: KeySource, useClass: ConfiguredKeySource },
      { provide: AccessPolicy, useClass: AudiencePolicy },
      {
        provide: DecisionObserver,
        useValue: { decided: (event: DecisionEvent) => decided.push(event) },
      },
      Observers,
      ScanningLimit,
      OpaqueTokenStrategy,
      JwtStrategy,
      StrategyRegistry,
      IntrospectionService,
      ClientAuthenticator,
    ],
  })
  class DecisionModule {}
  const app = await NestFactory.createApplicationContext(DecisionModule, { logger: false });

  return {
    service: app.get(IntrospectionService),
    authenticator: app.get(ClientAuthenticator),
    registry: app.get(StrategyRegistry),
    ports: { clients: clientPort, tokens: tokenPort, revocations: revocationPort },
    clients,
    revoked,
    decided,
    /** Stores an opaque token. @returns it */
    issue(token: string, record: Partial<OpaqueTokenRecord>): string {
      const stored = { clientId: 'app', aud: [], revoked: false, ...record };
      tokens.set(tokenDigest(token).toString('hex'), stored);
      return token;
    },
    register(clientId: string, client: Partial<Client> = {}): Client {
      const defaults = { enabled: true, mayIntrospect: true, audiences: [], anyAudience: false };
      const registered = { clientId, ...defaults, secrets: [], ...client };
      clients.set(clientId, registered);
      return registered;
    },
  };
}
