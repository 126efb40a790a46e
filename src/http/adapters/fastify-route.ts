import type { HttpRequest } from '../raw-request.js';
import type { HttpResponse } from '../send.js';

/** Marks the endpoint's routes in Fastify's route options, by way of Nest's route config metadata. */
export const FASTIFY_ROUTE_MARK = { introspectionEndpoint: true };
export const FASTIFY_ROUTE_CONFIG = '__fastify_route_config__';

/** What we need of Fastify, which need not be installed. */
export interface FastifyInstance {
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void;
}
export interface FastifyRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly config?: object;
  preParsing?: unknown;
  handler: (request: HttpRequest, response: HttpResponse) => void;
}

/** Changes the endpoint's routes, and no other, when they are made. */
export function onEndpointRoute(
  fastify: FastifyInstance,
  change: (route: FastifyRoute) => void,
): void {
  fastify.addHook('onRoute', (route) => {
    if (route.config !== undefined && 'introspectionEndpoint' in route.config) change(route);
  });
}
