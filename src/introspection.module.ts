import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
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
import { checkAsyncOptions, checkOptions } from './config/check-options.js';
import type {
  IntrospectionModuleAsyncOptions,
  IntrospectionModuleOptions,
  IntrospectionModuleShape,
  IntrospectionOptions,
  IntrospectionOptionsFactory,
} from './config/introspection.options.js';
import { once } from './config/once.js';
import { PortCheck } from './config/port-check.js';
import { IntrospectionSettings } from './config/settings.js';
import { AudiencePolicy } from './decision/audience-policy.js';
import { Decider } from './decision/decider.js';
import { IntrospectionService } from './decision/introspection.service.js';
import { StrategyRegistry } from './decision/strategy-registry.js';
import { LoggingObserver } from './events/logging-observer.js';
import { Observers } from './events/observers.js';
import { TracingObserver, tracingObserver } from './events/tracing-observer.js';
import { EndpointAdapter } from './http/adapters/adapter.js';
import { EndpointController, EndpointLocation } from './http/adapters/endpoint-location.js';
import { endpointAt } from './http/adapters/endpoint.js';
import { CallerAuthentication } from './http/caller-authentication.js';
import { ClientAddress } from './http/client-address.js';
import { ClientAuthGuard } from './http/client-auth.guard.js';
import { ClientBasicStrategy } from './http/client-basic.strategy.js';
import { EndpointSteps } from './http/endpoint-steps.js';
import { GuardAdvice } from './http/neighbours/guard-advice.js';
import { Neighbours } from './http/neighbours/neighbours.js';
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
import { AuthenticationFailureEntity } from './schema/authentication-failure.entity.js';
import { ClientEntity, ClientSecretEntity } from './schema/client.entity.js';
import { INTROSPECTION_DATA_SOURCE } from './schema/data-source.js';
import { DeletedClientEntity } from './schema/deleted-client.entity.js';
import { OpaqueTokenEntity } from './schema/opaque-token.entity.js';
import { readerOn } from './schema/reader-on.js';
import { RevokedJwtEntity } from './schema/revoked-jwt.entity.js';
import { TableCheck } from './schema/table-check.js';
import type { Entity } from './schema/table-check.js';
import { OpaqueTokenStrategy } from './tokens/opaque-token.strategy.js';
import { TypeOrmOpaqueTokenRepository } from './tokens/typeorm-opaque-token.repository.js';

const FACTORY_METHOD = 'createIntrospectionOptions' satisfies keyof IntrospectionOptionsFactory;

const SHAPE_DEFAULTS: Required<IntrospectionModuleShape> = {
  path: 'introspect',
  decorators: [],
  imports: [],
  providers: [],
  dataSource: DataSource,
  isGlobal: false,
};

const { ConfigurableModuleClass: Configurable, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<IntrospectionOptions>({ moduleName: 'Introspection' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName(FACTORY_METHOD)
    .setExtras(SHAPE_DEFAULTS, assemble)
    .build();

/** Token introspection (RFC 7662) for the NestJS application that imports it. */
@Module({})
export class IntrospectionModule {
  /**
   * Makes one module of one options object, however often it is called with it.
   * @throws Error that names every option that is wrong: at once where no module can be made without it,
   *   otherwise when the application starts
   */
  static forRoot(options: IntrospectionModuleOptions): DynamicModule {
    checkOptions(options);
    return once(options, () => Configurable.forRoot(given(options)));
  }

  /** The options come from a factory, except those of {@link IntrospectionModuleShape}. */
  static forRootAsync(options: IntrospectionModuleAsyncOptions): DynamicModule {
    checkAsyncOptions(options);
    return once(options, () => {
      const { providers = [], ...definition } = Configurable.forRootAsync(
        given(options) as Parameters<typeof Configurable.forRootAsync>[0],
      );
      const factory = options.useClass ?? options.useExisting;
      return { ...definition, providers: providers.map((one) => withMethodChecked(one, factory)) };
    });
  }
}

/** Without the members that are `undefined`, for which the defaults count. */
function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Options;
}

/** A factory without the method would fail with a message that names neither. */
function withMethodChecked(provider: Provider, factory: InjectionToken | undefined): Provider {
  if (factory === undefined || tokenOf(provider) !== MODULE_OPTIONS_TOKEN) return provider;
  const { useFactory, ...rest } = provider as FactoryProvider;
  return {
    ...rest,
    useFactory: (made?: Partial<IntrospectionOptionsFactory>): unknown => {
      if (typeof made?.[FACTORY_METHOD] === 'function') return useFactory(made);
      throw new Error(
        `IntrospectionModule options: ${nameOf(factory)} must have a method ${FACTORY_METHOD}().`,
      );
    },
  };
}

/** @param definition Nest's, with the provider of the options, and a factory's imports */
function assemble(
  definition: DynamicModule,
  { path, decorators, imports, providers, dataSource, isGlobal }: typeof SHAPE_DEFAULTS,
): DynamicModule {
  const location = { path, module: IntrospectionModule, decorators, isGlobal };
  const controller = endpointAt(location);
  const storage = storageFor(providers, dataSource);
  return {
    module: IntrospectionModule,
    global: isGlobal,
    imports: [DiscoveryModule, ...(definition.imports ?? []), ...(imports ?? [])],
    controllers: [controller],
    providers: [
      ...(definition.providers ?? []),
      { provide: EndpointLocation, useValue: location },
      { provide: EndpointController, useValue: controller },
      {
        provide: IntrospectionSettings,
        inject: [MODULE_OPTIONS_TOKEN],
        useFactory: (options: IntrospectionOptions) =>
          new IntrospectionSettings(options, path === SHAPE_DEFAULTS.path ? undefined : path),
      },
      ...OWN_PROVIDERS,
      ...storage,
      // Nest keeps the last provider of a token, so the host's own providers replace ours.
      ...providers,
    ],
    exports: [
      IntrospectionService,
      ...STORAGE_PORTS.map(({ port }) => port),
      ...storage.map(tokenOf),
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
  SlowAuthentication,
  SlowComparisons,
  StraightWay,
  StrategyRegistry,
  { provide: AccessPolicy, useClass: AudiencePolicy },
  { provide: DecisionObserver, useClass: LoggingObserver },
  { provide: KeySource, useClass: ConfiguredKeySource },
  { provide: TracingObserver, useFactory: tracingObserver },
];

interface StoragePort {
  readonly port: InjectionToken;
  readonly ours: Type;
  /** Of the tables that it needs. */
  readonly entities: readonly Entity[];
}

/** The ports that our repositories serve from Postgres, unless the host binds its own repository. */
const STORAGE_PORTS: readonly StoragePort[] = [
  {
    port: ClientRepository,
    ours: TypeOrmClientRepository,
    entities: [ClientEntity, ClientSecretEntity, DeletedClientEntity],
  },
  {
    port: JwtRevocationRepository,
    ours: TypeOrmJwtRevocationRepository,
    entities: [RevokedJwtEntity],
  },
  // A token's row is read with the state of its client.
  {
    port: OpaqueTokenRepository,
    ours: TypeOrmOpaqueTokenRepository,
    entities: [OpaqueTokenEntity, ClientEntity],
  },
];

/** Our repositories for the ports that the host does not bind. If it binds all, no data source is needed. */
function storageFor(hosts: readonly Provider[], dataSource: InjectionToken): Provider[] {
  const bound = new Set(hosts.map(tokenOf));
  const left = STORAGE_PORTS.filter(({ port }) => !bound.has(port));
  if (left.length === 0) return [];
  const repositories = left.flatMap(({ port, ours }) => [
    ours,
    { provide: port, useExisting: ours },
  ]);
  const entities = new Set<Entity>(left.flatMap((storage) => storage.entities));
  return [
    dataSourceProvider(dataSource),
    ...READER_PROVIDERS,
    tableCheck([...entities]),
    ...repositories,
  ];
}

function tableCheck(entities: readonly Entity[]): Provider {
  return {
    provide: TableCheck,
    inject: [INTROSPECTION_DATA_SOURCE, Connections, IntrospectionSettings],
    useFactory: (
      dataSource: DataSource,
      connections: Connections,
      { limits, readTimeout }: IntrospectionSettings,
    ) => {
      const counted = limits?.store === 'postgres' ? [AuthenticationFailureEntity] : [];
      return new TableCheck(dataSource, connections, [...entities, ...counted], readTimeout);
    },
  };
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
    inject: [INTROSPECTION_DATA_SOURCE, Connections, IntrospectionSettings],
    useFactory: (
      dataSource: DataSource,
      connections: Connections,
      { readTimeout }: IntrospectionSettings,
    ) => readerOn(dataSource, connections, readTimeout),
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
      throw new Error(
        `IntrospectionModule found no TypeORM data source under ${nameOf(token)}: provide one, name its ` +
          'token in the option dataSource, or bind repositories of your own.',
      );
    },
  };
}

function tokenOf(provider: Provider): InjectionToken {
  return 'provide' in provider ? provider.provide : provider;
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
