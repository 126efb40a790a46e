import { Module } from '@nestjs/common';
import type {
  DynamicModule,
  FactoryProvider,
  InjectionToken,
  Provider,
  Type,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { ClientAuthenticator } from './clients/client-authenticator.js';
import { TypeOrmClientRepository } from './clients/typeorm-client.repository.js';
import type {
  IntrospectionModuleAsyncOptions,
  IntrospectionModuleOptions,
  IntrospectionModuleShape,
  IntrospectionOptions,
} from './config/introspection.options.js';
import { IntrospectionSettings } from './config/settings.js';
import { AudiencePolicy } from './decision/audience-policy.js';
import { Decider } from './decision/decider.js';
import { IntrospectionService } from './decision/introspection.service.js';
import { StrategyRegistry } from './decision/strategy-registry.js';
import { LoggingObserver } from './events/logging-observer.js';
import { Observers } from './events/observers.js';
import { EndpointAdapter } from './http/adapters/adapter.js';
import { EndpointLocation } from './http/adapters/endpoint-location.js';
import { endpointAt } from './http/adapters/endpoint.js';
import { CallerAuthentication } from './http/caller-authentication.js';
import { ClientAddress } from './http/client-address.js';
import { ClientAuthGuard } from './http/client-auth.guard.js';
import { ClientBasicStrategy } from './http/client-basic.strategy.js';
import { EndpointSteps } from './http/endpoint-steps.js';
import { OAuthExceptionFilter } from './http/oauth-exception.filter.js';
import { SlowAuthentication } from './http/slow-authentication.js';
import { StraightWay } from './http/straight-way.js';
import { ConfiguredKeySource } from './jwt/configured-key-source.js';
import { JwtVerifier } from './jwt/jwt-verifier.js';
import { JwtStrategy } from './jwt/jwt.strategy.js';
import { TypeOrmJwtRevocationRepository } from './jwt/typeorm-jwt-revocation.repository.js';
import { GuessingLimit } from './limits/guessing-limit.js';
import { ScanningLimit } from './limits/scanning-limit.js';
import { SlowComparisons } from './limits/slow-comparisons.js';
import { AccessPolicy } from './model/access-policy.js';
import { ClientRepository } from './model/client-repository.js';
import { DecisionObserver } from './model/decision-observer.js';
import { JwtRevocationRepository } from './model/jwt-revocation-repository.js';
import { KeySource } from './model/key-source.js';
import { OpaqueTokenRepository } from './model/opaque-token-repository.js';
import { BatchedReader } from './persistence/batched-reader.js';
import { Connections } from './persistence/connections.js';
import { EncodingCheck } from './persistence/encoding.js';
import { statementsOn } from './persistence/statements.js';
import { INTROSPECTION_DATA_SOURCE } from './schema/data-source.js';
import { OpaqueTokenStrategy } from './tokens/opaque-token.strategy.js';
import { TypeOrmOpaqueTokenRepository } from './tokens/typeorm-opaque-token.repository.js';

/** Token introspection (RFC 7662) for the NestJS application that imports it. */
@Module({})
export class IntrospectionModule {
  /** @throws Error that names every option that is wrong, when the application starts. */
  static forRoot(options: IntrospectionModuleOptions): DynamicModule {
    const { path, decorators, imports, providers, dataSource, ...values } = options;
    const shape = { path, decorators, imports, providers, dataSource } as IntrospectionModuleShape;
    return assemble(shape, { inject: [], useFactory: () => values });
  }

  /** The options come from a factory, except those of {@link IntrospectionModuleShape}. */
  static forRootAsync(options: IntrospectionModuleAsyncOptions): DynamicModule {
    const { useFactory, inject = [], ...shape } = options;
    return assemble(shape, { inject: [...inject], useFactory });
  }
}

function assemble(
  shape: IntrospectionModuleShape,
  options: Pick<FactoryProvider<IntrospectionOptions>, 'inject' | 'useFactory'>,
): DynamicModule {
  const { path = 'introspect', decorators = [], imports = [], providers = [] } = shape;
  const storage = storageFor(providers, shape.dataSource ?? DataSource);
  return {
    module: IntrospectionModule,
    imports: [DiscoveryModule, ...imports],
    controllers: [endpointAt(path, decorators)],
    providers: [
      { provide: EndpointLocation, useValue: { path, module: IntrospectionModule, decorators } },
      {
        provide: IntrospectionSettings,
        inject: options.inject ?? [],
        useFactory: async (...dependencies: unknown[]) =>
          new IntrospectionSettings(await options.useFactory(...dependencies)),
      },
      ...OWN_PROVIDERS,
      ...storage,
      // Nest keeps the last provider of a token, so the host's own providers replace ours.
      ...providers,
    ],
    exports: [
      IntrospectionService,
      ...STORAGE_PORTS.map(({ port }) => port),
      ...storage.map((provider) => (isClass(provider) ? provider : tokenOf(provider))),
    ],
  };
}

const OWN_PROVIDERS: readonly Provider[] = [
  CallerAuthentication,
  ClientAddress,
  ClientAuthGuard,
  ClientAuthenticator,
  ClientBasicStrategy,
  Decider,
  EndpointAdapter,
  EndpointSteps,
  GuessingLimit,
  IntrospectionService,
  JwtStrategy,
  JwtVerifier,
  OAuthExceptionFilter,
  Observers,
  OpaqueTokenStrategy,
  ScanningLimit,
  SlowAuthentication,
  SlowComparisons,
  StraightWay,
  StrategyRegistry,
  { provide: AccessPolicy, useClass: AudiencePolicy },
  { provide: DecisionObserver, useClass: LoggingObserver },
  { provide: KeySource, useClass: ConfiguredKeySource },
];

/** The ports that our repositories serve from Postgres, unless the host binds its own repository. */
const STORAGE_PORTS = [
  { port: ClientRepository, ours: TypeOrmClientRepository },
  { port: JwtRevocationRepository, ours: TypeOrmJwtRevocationRepository },
  { port: OpaqueTokenRepository, ours: TypeOrmOpaqueTokenRepository },
];

/** Our repositories for the ports that the host does not bind. If it binds all, no data source is needed. */
function storageFor(hosts: readonly Provider[], dataSource: InjectionToken): Provider[] {
  const bound = new Set(
    hosts.map((provider) => ('provide' in provider ? provider.provide : provider)),
  );
  const left = STORAGE_PORTS.filter(({ port }) => !bound.has(port));
  if (left.length === 0) return [];
  const repositories = left.flatMap(({ port, ours }) => [
    ours,
    { provide: port, useExisting: ours },
  ]);
  return [dataSourceProvider(dataSource), ...READER_PROVIDERS, ...repositories];
}

/** The one reader for all reads of a request, its connections, and what is asked of the database at start. */
const READER_PROVIDERS: readonly Provider[] = [
  {
    provide: Connections,
    inject: [INTROSPECTION_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new Connections(dataSource),
  },
  {
    provide: BatchedReader,
    inject: [Connections, IntrospectionSettings],
    useFactory: (connections: Connections, { readTimeout }: IntrospectionSettings) =>
      new BatchedReader(statementsOn(connections), readTimeout),
  },
  {
    provide: EncodingCheck,
    inject: [Connections, IntrospectionSettings],
    useFactory: (connections: Connections, { readTimeout }: IntrospectionSettings) =>
      new EncodingCheck(connections, readTimeout),
  },
];

function dataSourceProvider(token: InjectionToken): Provider {
  return {
    provide: INTROSPECTION_DATA_SOURCE,
    inject: [{ token, optional: true }],
    useFactory: (dataSource?: DataSource) => {
      if (dataSource) return dataSource;
      const name = typeof token === 'function' ? token.name : String(token);
      throw new Error(
        `IntrospectionModule found no TypeORM data source under ${name}: provide one, name its ` +
          'token in the option dataSource, or bind repositories of your own.',
      );
    },
  };
}

function tokenOf(provider: Exclude<Provider, Type>): InjectionToken {
  return provider.provide;
}

function isClass(provider: Provider): provider is Type {
  return typeof provider === 'function';
}
