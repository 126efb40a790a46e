import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StraightWay } from '../straight-way.js';
import type { Arrive } from './arrival.js';
import { isAt } from './endpoint-path.js';

/** What we need of Express's application and its router, which Express 5 makes when it is first asked. */
export interface ExpressApplication {
  readonly router?: { readonly stack: readonly Layer[] };
}

/** What a route answers; `_all` is what its `all()` leaves, which is for every method. */
interface Methods {
  readonly post?: boolean;
  readonly _all?: boolean;
}

/** Middleware, or a route with its handlers. */
interface Layer {
  readonly name: string;
  readonly handle: unknown;
  readonly route?: { readonly path: unknown; readonly methods: Methods };
}

/** @param request with the path at which Express's router sees it, whatever form its target has */
type Middleware = (
  request: IncomingMessage & { readonly path: string },
  response: ServerResponse,
  next: () => void,
) => void;

/** Body parsers, which find nothing to do: the body was read. */
const PARSERS = new Set(['jsonParser', 'urlencodedParser']);

/** Our own middleware, which lets requests to another module's endpoint pass unchanged. */
const OURS = new WeakSet<Middleware>();

/**
 * Middleware that reads the endpoint's bodies before the host's own parsers do. Where nothing of the
 * host's stands between it and the endpoint, POST takes the straight way from here: what Express and
 * Nest do on the way to a route costs more than all the rest.
 *
 * @param path the endpoint's in lower case; asked when the first request comes, for the prefix is known only then
 */
export function expressMiddleware(
  express: ExpressApplication,
  arrive: Arrive,
  straight: StraightWay,
  options: { path: () => string; isEnhanced: (path: string) => boolean },
): Middleware {
  let path: string | undefined;
  let straightUrl: string | undefined;
  let isKnown = false;

  /** Looks once for the URL that comes from here to the endpoint's route unchanged. */
  const look = (endpoint: string) => {
    isKnown = true;
    if (options.isEnhanced(endpoint)) return;
    const stack = express.router?.stack ?? [];
    const behind = stack.slice(stack.findIndex(({ handle }) => handle === middleware) + 1);
    straightUrl = clearRoute(behind, endpoint);
  };

  const middleware: Middleware = (request, response, next) => {
    path ??= options.path();
    if (!isAt(path, request.path)) return next();
    if (!isKnown) look(path);
    arrive(request, response, (exchange) => {
      if (request.method === 'POST' && request.url === straightUrl) straight.go(exchange, response);
      else next();
    });
  };
  OURS.add(middleware);
  return middleware;
}

/** The path of the endpoint's one route that takes POST, where nothing in front of it has to do with it. */
function clearRoute(layers: readonly Layer[], path: string): string | undefined {
  const ends = layers.filter(({ route }) => isRouteAt(path, route) && takesPost(route!.methods));
  const [end] = ends;
  if (!end || ends.length > 1) return undefined;
  return layers.slice(0, layers.indexOf(end)).every(isOutOfTheWay)
    ? (end.route!.path as string)
    : undefined;
}

function isRouteAt(path: string, route: Layer['route']): boolean {
  return typeof route?.path === 'string' && isAt(path, route.path);
}

function takesPost({ post, _all }: Methods): boolean {
  return post === true || _all === true;
}

/** A body parser, or a route of which the text alone shows that it is for one path. */
function isOutOfTheWay({ name, handle, route }: Layer): boolean {
  if (!route) return PARSERS.has(name) || OURS.has(handle as Middleware);
  return typeof route.path === 'string' && !/[:*{(\\]/.test(route.path);
}
