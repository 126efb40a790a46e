import type { IncomingMessage, ServerResponse } from 'node:http';
import { PayloadTooLargeError } from '../../model/oauth-error.js';
import type { EndpointSteps } from '../endpoint-steps.js';
import { exchangeOf } from '../exchange.js';
import { readBody } from '../request-body.js';
import type { StraightWay } from '../straight-way.js';

/** Answers a request of Node's server, if it is one to the endpoint. @returns whether it is */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * The straight way for an application that has its server to itself, in front of its framework: POST at
 * exactly this URL is answered here. Hooks and middleware of the framework do not see it.
 */
export function nodeHandler(
  url: string,
  steps: EndpointSteps,
  straight: StraightWay,
  { bodyLimit }: { bodyLimit: number },
): NodeHandler {
  return (request, response) => {
    if (request.url !== url || request.method !== 'POST') return false;
    const exchange = exchangeOf(request);
    readBody(request, bodyLimit, (body) => {
      exchange.body = body;
      if (body instanceof PayloadTooLargeError) steps.refuse(exchange, response, body);
      else straight.go(exchange, response);
    });
    return true;
  };
}
