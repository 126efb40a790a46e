import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** The injection token of the parameters of `nestjs-pino`, and the name of the class that has its logger. */
export const PINO_PARAMS = 'pino-params';
export const PINO_LOGGER = 'PinoLogger';

export const PINO_WARNING =
  'As it is set up, nestjs-pino writes the Authorization header of requests, and with it the secrets of the ' +
  "introspection endpoint's clients, into the log. Give it redact: ['req.headers.authorization'] in pinoHttp.";

/** What we need of pino's logger. */
interface PinoLike {
  readonly level: string;
  child(bindings: object): { bindings(): object };
}

interface PinoParams {
  readonly pinoHttp?: PinoHttpOptions | readonly [PinoHttpOptions, unknown];
  readonly exclude?: readonly Route[];
  readonly forRoutes?: readonly Route[];
}

type Route = string | { readonly path?: string };

interface PinoHttpOptions {
  readonly customAttributeKeys?: { readonly req?: string };
  readonly quietReqLogger?: boolean;
}

const PROBE = 'Basic cHJvYmU6cHJvYmU=';

/**
 * Whether the lines of a request's log have its `Authorization` header. A request of our own is bound to a
 * child of the logger, as pino-http does with each; so serializers and redaction have their say, and
 * nothing is written.
 *
 * @param root the logger, absent where nestjs-pino uses the one of Fastify
 * @param endpoint the path of the endpoint
 * @returns `false` also where that cannot be told: where only some routes, or some lines, have the request
 */
export function logsAuthorization(params: unknown, root: unknown, endpoint: string): boolean {
  const { pinoHttp = {}, exclude = [], forRoutes = ['*'] } = (params ?? {}) as PinoParams;
  const options = (Array.isArray(pinoHttp) ? pinoHttp[0] : pinoHttp) as PinoHttpOptions | undefined;
  if (!root || options?.quietReqLogger || !forRoutes.some(isEverything)) return false;
  if (exclude.some((route) => mayBe(endpoint, route))) return false;
  const logger = root as PinoLike;
  if (logger.level === 'silent') return false;
  try {
    const name = options?.customAttributeKeys?.req ?? 'req';
    return JSON.stringify(logger.child({ [name]: probe() }).bindings()).includes(PROBE);
  } catch {
    return false;
  }
}

/** Whether a route is a pattern for all paths, such as `*`, `*path`, `{/*splat}` or `(.*)`. */
function isEverything(route: Route): boolean {
  return /^[/{(]*\.?\*\w*[)}]*$/.test(pathOf(route));
}

/** Whether a route that is left out of the log can be the endpoint's: it has its path, or is a pattern. */
function mayBe(endpoint: string, route: Route): boolean {
  return pathOf(route).includes(endpoint) || /[*:({]/.test(pathOf(route));
}

function pathOf(route: Route): string {
  return typeof route === 'string' ? route : (route.path ?? '');
}

function probe(): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  const headers = { authorization: PROBE };
  return Object.assign(request, {
    method: 'POST',
    url: '/',
    headers,
    id: 1,
    query: {},
    params: {},
  });
}
