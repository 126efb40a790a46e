import { Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { describeCause } from '../../src/events/logging-observer.js';
import { send } from '../../src/http/send.js';
import type { HttpRequest } from '../../src/http/raw-request.js';
import { requestIdOf } from '../../src/http/request-id.js';
import type { HttpResponse } from '../../src/http/send.js';

/** Answers errors outside the endpoint, such as unknown routes, in the form of the endpoint's errors. */
@Catch()
export class JsonExceptionFilter implements ExceptionFilter {
  readonly #logger = new Logger(JsonExceptionFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const status = statusOf(exception);
    if (status >= 500) this.#logger.error({ cause: describeCause(exception) });
    sendError(host.switchToHttp().getResponse<HttpResponse>(), status);
  }
}

/** Sends an error answer with this status. Its text is a constant of ours, and never the client's input. */
export function sendError(response: HttpResponse, status: number): void {
  send(response, requestIdOf(requestOf(response)), status, JSON.stringify(errorFor(status)));
}

function requestOf(response: HttpResponse): HttpRequest {
  return 'request' in response ? response.request : response.req;
}

function errorFor(status: number) {
  if (status === 404) {
    return { error: 'not_found', error_description: 'There is nothing at this address.' };
  }
  if (status < 500) {
    return { error: 'invalid_request', error_description: 'The request cannot be understood.' };
  }
  return { error: 'server_error', error_description: 'The server has failed to answer.' };
}

function statusOf(exception: unknown): number {
  if (exception instanceof HttpException) return exception.getStatus();
  // Fastify's own errors have their status in `statusCode`.
  const { statusCode } = (exception ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' && statusCode >= 400 ? statusCode : 500;
}
