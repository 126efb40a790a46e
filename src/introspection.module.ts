import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider, InjectionToken, Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { checkAsyncOptions, checkOptions } from './config/check-options.js';
import type {
  IntrospectionModuleAsyncOptions,
  IntrospectionModuleOptions,
  IntrospectionModuleShape,
  IntrospectionOptions,
  IntrospectionOptionsFactory,
} from './config/introspection.options.js';
import { once } from './config/once.js';
import { IntrospectionSettings } from './config/settings.js';
import { IntrospectionService } from './decision/introspection.service.js';
import { EndpointController, EndpointLocation } from './http/adapters/endpoint-location.js';
import { endpointAt } from './http/adapters/endpoint.js';
import { OWN_PROVIDERS } from './providers/own-providers.js';
import { STORAGE_PORTS, storageFor } from './providers/storage-providers.js';
import { nameOf, tokenOf } from './providers/tokens.js';

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
