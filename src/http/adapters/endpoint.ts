import {
  Controller,
  Post,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { MethodNotAllowedError } from '../../model/oauth-error.js';
import type { EndpointLocation } from './endpoint-location.js';
import { FASTIFY_ROUTE_CONFIG } from './fastify.js';
import type { FastifyRouteMark } from './fastify.js';
import { IntrospectionController } from '../introspection.controller.js';
import { documented, undocumented } from '../openapi/swagger-metadata.js';

/** Methods that are answered with 405; HEAD comes with GET, OPTIONS belongs to the host's CORS. */
const OTHER_METHODS = [
  RequestMethod.GET,
  RequestMethod.PUT,
  RequestMethod.PATCH,
  RequestMethod.DELETE,
];

/** The controller at one path, with the host's own decorators on each of its handlers. */
export function endpointAt(location: EndpointLocation): Type<IntrospectionController> {
  const { path, decorators } = location;
  const mark: FastifyRouteMark = { introspectionEndpoint: location };
  const marked = SetMetadata(FASTIFY_ROUTE_CONFIG, mark);
  class Endpoint extends IntrospectionController {
    // Handlers of its own, so that the host's decorators do not reach another module's endpoint.
    override introspect(...args: Parameters<IntrospectionController['introspect']>) {
      return super.introspect(...args);
    }
  }
  Object.defineProperty(Endpoint, 'name', { value: IntrospectionController.name });
  const own = [copiedMetadata('introspect'), Post(), marked];
  decorate(Endpoint, 'introspect', [...own, ...decorators, documented(path)]);
  for (const method of OTHER_METHODS) {
    const name = `refuse${RequestMethod[method]}`;
    Object.defineProperty(Endpoint.prototype, name, {
      value: () => {
        throw new MethodNotAllowedError();
      },
    });
    const route = RequestMapping({ path: '/', method });
    decorate(Endpoint, name, [route, marked, ...decorators, undocumented]);
  }
  Controller({ path, version: VERSION_NEUTRAL })(Endpoint);
  return Endpoint;
}

function decorate(type: Type, name: string, decorators: readonly MethodDecorator[]): void {
  const prototype = type.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
  for (const mark of decorators) {
    const result: unknown = mark(prototype, name, descriptor);
    if (typeof result !== 'function') continue;
    throw new Error(
      `IntrospectionModule options: ${mark.name || 'a function'} in decorators returns a decorator and ` +
        'is none: call it.',
    );
  }
}

/** What decorators have said of the inherited handler, said of the one that overrides it. */
function copiedMetadata(inherited: keyof IntrospectionController): MethodDecorator {
  const { value: from } = Object.getOwnPropertyDescriptor(
    IntrospectionController.prototype,
    inherited,
  ) as { value: object };
  return (_prototype, _name, descriptor) => {
    for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, from), descriptor.value as object);
    }
  };
}
