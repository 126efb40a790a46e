import type { ApplicationConfig, ModuleRef } from '@nestjs/core';
import type { EndpointLocation } from './endpoint-location.js';

interface Container {
  readonly applicationConfig: ApplicationConfig;
  getModules(): { readonly applicationId: string };
}

// Nest has no public way to ask, from inside of a module, where its routes will be.
function containerOf(moduleRef: ModuleRef): Container {
  return (moduleRef as unknown as { container: Container }).container;
}

/** What the host has set for the whole application. */
export function applicationConfig(moduleRef: ModuleRef): ApplicationConfig {
  return containerOf(moduleRef).applicationConfig;
}

/** The endpoint's path, as it was written, below what the host's router and the global prefix put before it. */
export function endpointPath({ path, module }: EndpointLocation, moduleRef: ModuleRef): string {
  const container = containerOf(moduleRef);
  const routed: unknown = Reflect.getMetadata(
    `__module_path__${container.getModules().applicationId}`,
    module,
  );
  const own = joined(typeof routed === 'string' ? routed : '', path);
  const config = container.applicationConfig;
  const excluded = config
    .getGlobalPrefixOptions()
    .exclude?.some(({ pathRegex }) => pathRegex.test(own));
  return excluded ? own : joined(config.getGlobalPrefix(), own);
}

function joined(...paths: readonly string[]): string {
  return `/${paths
    .flatMap((path) => path.split('/'))
    .filter(Boolean)
    .join('/')}`;
}

/** Whether a path is the endpoint's, which is in lower case, as Express compares them by default. */
export function isAt(endpoint: string, path: string): boolean {
  if (path.length !== endpoint.length && path.length !== endpoint.length + 1) return false;
  return path.toLowerCase() === endpoint || path.toLowerCase() === `${endpoint}/`;
}
