import { Module } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import type { BasicCredentials } from '../../src/clients/basic-credentials.js';
import { ClientAuthenticator } from '../../src/clients/client-authenticator.js';
import type { Comparison } from '../../src/clients/client-authenticator.js';
import { enabledClient } from '../../src/clients/trial.js';
import { TypeOrmClientRepository } from '../../src/clients/typeorm-client.repository.js';
import type { IntrospectionOptions } from '../../src/config/introspection.options.js';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { AudiencePolicy } from '../../src/decision/audience-policy.js';
import { Decider } from '../../src/decision/decider.js';
import { IntrospectionService } from '../../src/decision/introspection.service.js';
import { StrategyRegistry } from '../../src/decision/strategy-registry.js';
import { Observers } from '../../src/events/observers.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { JwtVerifier } from '../../src/jwt/jwt-verifier.js';
import { JwtStrategy } from '../../src/jwt/jwt.strategy.js';
import { TypeOrmJwtRevocationRepository } from '../../src/jwt/typeorm-jwt-revocation.repository.js';
import { ScanningLimit } from '../../src/limits/scanning-limit.js';
import { AccessPolicy } from '../../src/model/access-policy.js';
import { ClientRepository } from '../../src/model/client-repository.js';
import type { Client } from '../../src/model/client.js';
import { DecisionObserver } from '../../src/model/decision-observer.js';
import type { DecisionEvent } from '../../src/model/decision-observer.js';
import { JwtRevocationRepository } from '../../src/model/jwt-revocation-repository.js';
import { KeySource } from '../../src/model/key-source.js';
import { OpaqueTokenRepository } from '../../src/model/opaque-token-repository.js';
import type { OpaqueTokenRecord } from '../../src/model/token-record.js';
import { BatchedReader } from '../../src/persistence/batched-reader.js';
import { NO_ROWS } from '../../src/persistence/rows.js';
import { OpaqueTokenStrategy } from '../../src/tokens/opaque-token.strategy.js';
import { tokenDigest } from '../../src/tokens/opaque-token.js';
import { TypeOrmOpaqueTokenRepository } from '../../src/tokens/typeorm-opaque-token.repository.js';
import { StoredRows } from './stored-rows.js';

/** What is stored, by client id, by digest, and by revocation hash, both in hexadecimal. */
export interface Stored {
  readonly clients: Map<string, Client>;
  readonly tokens: Map<string, OpaqueTokenRecord>;
  readonly revoked: Set<string>;
}

/** How the storage is asked: by ports of the host's own, or by our repositories in batches. */
export const STORAGES = ['ports', 'rows'] as const;
export type Storage = (typeof STORAGES)[number];

/**
 * The decision path in process, as a host calls it, with maps for a storage: what it takes to try a
 * thousand changes of its code.
 */
export async function startInProcess(
  options: Partial<IntrospectionOptions> & { issuer: string },
  storage: Storage = 'ports',
) {
  const stored: Stored = { clients: new Map(), tokens: new Map(), revoked: new Set() };
  const decided: DecisionEvent[] = [];
  const rows = new StoredRows(stored);
  const reader = storage === 'rows' ? new BatchedReader(rows.run, 60_000) : undefined;
  const ports = reader ? repositories(reader) : portsOn(stored);

  @Module({
    imports: [DiscoveryModule],
    providers: [
      { provide: IntrospectionSettings, useValue: new IntrospectionSettings(options) },
      { provide: ClientRepository, useValue: ports.clients },
      { provide: OpaqueTokenRepository, useValue: ports.tokens },
      { provide: JwtRevocationRepository, useValue: ports.revocations },
      { provide: KeySource, useClass: ConfiguredKeySource },
      { provide: AccessPolicy, useClass: AudiencePolicy },
      {
        provide: DecisionObserver,
        useValue: { decided: (event: DecisionEvent) => decided.push(event) },
      },
      ...(reader ? [{ provide: BatchedReader, useValue: reader } satisfies Provider] : []),
      Observers,
      ScanningLimit,
      OpaqueTokenStrategy,
      JwtStrategy,
      JwtVerifier,
      StrategyRegistry,
      Decider,
      IntrospectionService,
      ClientAuthenticator,
    ],
  })
  class DecisionModule {}
  const app = await NestFactory.createApplicationContext(DecisionModule, { logger: false });
  const authenticator = app.get(ClientAuthenticator);

  return {
    service: app.get(IntrospectionService),
    registry: app.get(StrategyRegistry),
    strategies: { opaque: app.get(OpaqueTokenStrategy), jwt: app.get(JwtStrategy) },
    ports,
    /** Where the storage is asked by rows. */
    rows,
    clients: stored.clients,
    revoked: stored.revoked,
    decided,
    /** Looks the clients up that credentials can be of, and compares. */
    async authenticate(credentials: BasicCredentials, comparison: Comparison = 'every') {
      const plan = authenticator.candidates(credentials);
      const found = await (reader ? reader.find(plan) : plan.meaning(NO_ROWS));
      const trials = authenticator.trials(credentials, found);
      const client = enabledClient(trials, authenticator.matchQuickly(trials, comparison));
      if (client || comparison !== 'every' || !authenticator.comparesSlowly) return client;
      return enabledClient(trials, await authenticator.matchSlowly(trials));
    },
    /** Stores an opaque token. @returns it */
    issue(token: string, record: Partial<OpaqueTokenRecord>): string {
      const whole = { clientId: 'app', aud: [], revoked: false, ...record };
      stored.tokens.set(tokenDigest(token).toString('hex'), whole);
      return token;
    },
    register(clientId: string, client: Partial<Client> = {}): Client {
      const defaults = { enabled: true, mayIntrospect: true, audiences: [], anyAudience: false };
      const registered = { clientId, ...defaults, secrets: [], ...client };
      stored.clients.set(clientId, registered);
      return registered;
    },
  };
}

interface Ports {
  readonly clients: ClientRepository;
  readonly tokens: OpaqueTokenRepository;
  readonly revocations: JwtRevocationRepository;
}

function portsOn({ clients, tokens, revoked }: Stored): Ports {
  return {
    clients: { find: async (id) => clients.get(id) },
    tokens: { findByDigest: async (digest) => tokens.get(digest.toString('hex')) },
    revocations: { isRevoked: async (hash) => revoked.has(hash.toString('hex')) },
  };
}

/** Ours, which read by the reader; there is no data source for them to write to. */
function repositories(reader: BatchedReader): Ports {
  const nowhere = undefined as unknown as DataSource;
  return {
    clients: new TypeOrmClientRepository(nowhere, reader),
    tokens: new TypeOrmOpaqueTokenRepository(nowhere, reader),
    revocations: new TypeOrmJwtRevocationRepository(nowhere, reader),
  };
}
