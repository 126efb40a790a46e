import { ask, FORM, basic } from './http.js';
import { eventually } from './programs.js';
import type { ServerProcess } from './programs.js';

const CURL = /^ *curl -s -u (\S+):(\S+) -d token=(\S+) (http:\/\/[^/]+)(\S+)$/gm;

/** A request as the demo prints it. */
export interface DemoRequest {
  id: string;
  secret: string;
  token: string;
  origin: string;
  path: string;
}

/** The two requests that the demo prints, when it has printed them. */
export async function requestsOf(server: ServerProcess): Promise<DemoRequest[]> {
  return eventually(() => {
    const requests = [...server.output().matchAll(CURL)].map(
      ([, id, secret, token, origin, path]) => ({
        id: id!,
        secret: secret!,
        token: token!,
        origin: origin!,
        path: path!,
      }),
    );
    return requests.length === 2 && requests;
  });
}

export async function send({
  id,
  secret,
  token,
  origin,
  path,
}: DemoRequest): Promise<Record<string, unknown>> {
  const headers = [...FORM, 'Authorization', basic(id, secret)];
  return (await ask(origin, { path, headers, body: `token=${token}` })).json;
}
