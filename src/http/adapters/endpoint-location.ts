import type { Type } from '@nestjs/common';

/** The endpoint's own path, the module that a host's router may have moved, the host's decorators. */
export interface EndpointLocation {
  readonly path: string;
  readonly module: Type;
  readonly decorators: readonly MethodDecorator[];
}
export const EndpointLocation = Symbol('EndpointLocation');
