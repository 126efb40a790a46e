import type { IncomingMessage } from 'node:http';
import { exchangeOf } from '../exchange.js';
import type { HttpResponse } from '../send.js';
import type { StraightWay } from '../straight-way.js';
import type { Arrive } from './arrival.js';
import type { EndpointLocation } from './endpoint-location.js';

/** Where Nest keeps what is put into Fastify's route options. */
export const FASTIFY_ROUTE_CONFIG = '__fastify_route_config__';

/** Marks the routes of one endpoint, which is not the only one where there are two modules. */
export interface FastifyRouteMark {
  readonly introspectionEndpoint: EndpointLocation;
}

/** What we need of Fastify, which need not be installed. */
export interface FastifyInstance {
  addHook(name: 'onRoute', hook: OnRoute): void;
}
type OnRoute = (route: FastifyRoute) => void;
interface FastifyRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly config?: Partial<FastifyRouteMark>;
  preParsing?: unknown;
  handler: (request: FastifyRequest, response: HttpResponse) => void;
}
interface FastifyRequest {
  readonly raw: IncomingMessage;
  headers: IncomingMessage['headers'];
}

/** Our own hooks, which let routes of another module pass unchanged. */
const OURS = new WeakSet<OnRoute>();

/** Tells Fastify that there is no body left to parse; Node's own headers stay as they are. */
const WITHOUT_BODY = {
  'content-type': undefined,
  'content-length': undefined,
  'transfer-encoding': undefined,
};

/**
 * Changes the endpoint's routes, and no other, when Nest makes them: the body is read by us, before
 * Fastify's parsers, and where Nest has nothing to do between the steps, POST takes the straight way.
 * Fastify's hooks and Nest's middleware run before and after it as ever.
 *
 * @param options `isEnhanced`: whether Nest has anything to do on the route; `location`: the endpoint's
 */
export function onFastify(
  fastify: FastifyInstance,
  arrive: Arrive,
  straight: StraightWay,
  { isEnhanced, location }: { isEnhanced: (url: string) => boolean; location: EndpointLocation },
): void {
  const preParsing = (
    request: FastifyRequest,
    reply: HttpResponse,
    payload: unknown,
    done: (error: null, payload: unknown) => void,
  ) => {
    arrive(request, reply, () => {
      request.headers = WITHOUT_BODY;
      done(null, payload);
    });
  };
  // A hook from before ours may have put a guard of its own around the handler.
  const mayBeWrapped = hasRouteHooks(fastify);
  const onRoute: OnRoute = (route) => {
    if (route.config?.introspectionEndpoint !== location) return;
    route.preParsing = [preParsing, route.preParsing ?? []].flat();
    if (mayBeWrapped) return;
    // Nest asks for its enhancers once, when it makes a route: what counts is what there is now.
    if (route.method !== 'POST' || isEnhanced(route.url)) return;
    route.handler = (request, response) => straight.go(exchangeOf(request), response);
  };
  OURS.add(onRoute);
  fastify.addHook('onRoute', onRoute);
}

/** Whether there are hooks already that see each route, and can change it. Fastify has no public way to ask. */
function hasRouteHooks(fastify: FastifyInstance): boolean {
  const key = Object.getOwnPropertySymbols(fastify).find(
    ({ description }) => description === 'fastify.hooks',
  );
  const hooks = key && (fastify as unknown as Record<symbol, { onRoute?: OnRoute[] }>)[key];
  return !hooks?.onRoute?.every((hook) => OURS.has(hook));
}
