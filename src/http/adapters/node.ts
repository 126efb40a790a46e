import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StraightWay } from '../straight-way.js';
import type { Arrive } from './arrival.js';

/** Answers a request of Node's server, if it is one to the endpoint. @returns whether it is */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * The straight way for an application that has its server to itself, in front of its framework: POST at
 * exactly this URL is answered here. Hooks and middleware of the framework do not see it.
 */
export function nodeHandler(url: string, arrive: Arrive, straight: StraightWay): NodeHandler {
  return (request, response) => {
    if (request.url !== url || request.method !== 'POST') return false;
    arrive(request, response, (exchange) => straight.go(exchange, response));
    return true;
  };
}
