import type { Type } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';

/** The endpoint's own path, the module that a host's router may have moved, the host's decorators. */
export interface EndpointLocation {
  readonly path: string;
  readonly module: Type;
  readonly decorators: readonly MethodDecorator[];
  /** Whether every module of the application may inject what the module of the endpoint exports. */
  readonly isGlobal: boolean;
}
export const EndpointLocation = Symbol('EndpointLocation');

/** Under which the module finds the class of its endpoint's controller. */
export const EndpointController = Symbol('EndpointController');

/**
 * Holds against each other the modules of one application.
 * @throws Error that names the path which another has, too, or the paths of those that are global
 */
export function checkAlone(own: EndpointLocation, discovery: DiscoveryService): void {
  const others = discovery
    .getProviders()
    .filter(({ token, instance }) => token === EndpointLocation && instance !== own)
    .map(({ instance }) => instance as EndpointLocation);
  const rival = others.find(({ path }) => normal(path) === normal(own.path));
  if (rival) {
    throw new Error(
      `Two IntrospectionModules have the path '${own.path}': give each a path of its own, or import ` +
        'what one call of forRoot returned wherever the module is needed.',
    );
  }
  const otherGlobal = own.isGlobal && others.find(({ isGlobal }) => isGlobal);
  if (otherGlobal) {
    throw new Error(
      `Two IntrospectionModules are global, for '${own.path}' and for '${otherGlobal.path}': which of ` +
        'them is injected could not be told. Set isGlobal for one at most.',
    );
  }
}

function normal(path: string): string {
  return path.split('/').filter(Boolean).join('/').toLowerCase();
}
