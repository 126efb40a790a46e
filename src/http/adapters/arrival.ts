import { PayloadTooLargeError, TooManyHeadersError } from '../../model/oauth-error.js';
import type { OAuthError } from '../../model/oauth-error.js';
import type { EndpointSteps } from '../endpoint-steps.js';
import { exchangeOf } from '../exchange.js';
import type { Exchange } from '../exchange.js';
import { makeLast, mayBegin } from '../last-request.js';
import { hasTooManyHeaders, rawRequest } from '../raw-request.js';
import type { HttpRequest } from '../raw-request.js';
import { readBody } from '../request-body.js';
import type { HttpResponse } from '../send.js';

/** Takes in a request to the endpoint. @param goOn called when its body is on its exchange */
export type Arrive = (
  request: HttpRequest,
  response: HttpResponse,
  goOn: (exchange: Exchange) => void,
) => void;

/** The way in, which is the same for every adapter. */
export function arrivals(steps: EndpointSteps, bodyLimit: number): Arrive {
  return (request, response, goOn) => {
    const raw = rawRequest(request);
    const rawResponse = 'raw' in response ? response.raw : response;
    if (!mayBegin(raw, rawResponse)) return;
    const exchange = exchangeOf(request);
    /** At once, before any work is spent on the request; what is left of it is not read. */
    const refuse = (error: OAuthError) => {
      makeLast(raw, rawResponse);
      steps.refuse(exchange, response, error);
    };
    if (hasTooManyHeaders(raw)) return refuse(new TooManyHeadersError());
    readBody(raw, bodyLimit, (body) => {
      exchange.body = body;
      if (body instanceof PayloadTooLargeError) refuse(body);
      else goOn(exchange);
    });
  };
}
