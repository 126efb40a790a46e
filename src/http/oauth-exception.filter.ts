import { Catch, HttpException, Injectable } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { send } from './send.js';
import type { HttpResponse } from './send.js';
import { durationOf } from './arrival.js';
import type { HttpRequest } from './raw-request.js';
import { requestIdOf } from './request-id.js';
import { Observers } from '../events/observers.js';
import { callerOf } from './caller.js';
import { OAuthError, TemporarilyUnavailableError } from '../model/oauth-error.js';
import type { OAuthErrorCode } from '../model/oauth-error.js';

/**
 * Turns whatever the endpoint's pipeline throws into an OAuth error answer. It stands on the
 * controller, so it comes before a host's own global filters.
 */
@Injectable()
@Catch()
export class OAuthExceptionFilter implements ExceptionFilter {
  constructor(private readonly observers: Observers) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(exception, http.getRequest(), http.getResponse());
  }

  answer(exception: unknown, request: HttpRequest, response: HttpResponse): void {
    const error = asOAuthError(exception);
    this.observers.refused({
      error,
      callerId: callerOf(request)?.clientId,
      requestId: requestIdOf(request),
      durationMs: durationOf(request),
    });
    send(response, error.status, errorBody(error), error.headers);
  }
}

/** The JSON body of an error answer (RFC 6749 §5.2). */
export function errorBody(error: OAuthError): string {
  return JSON.stringify({ error: error.code, error_description: error.message });
}

function asOAuthError(exception: unknown): OAuthError {
  if (exception instanceof OAuthError) return exception;
  if (exception instanceof HttpException && exception.getStatus() < 500) {
    return new HostRefusal(exception);
  }
  return new TemporarilyUnavailableError(exception);
}

/** A host's own global guard or pipe refused the request: its status stands, in our shape. */
class HostRefusal extends OAuthError {
  readonly code: OAuthErrorCode;
  readonly status: number;

  constructor(exception: HttpException) {
    super('The request was refused before it reached token introspection.', { cause: exception });
    this.status = exception.getStatus();
    this.code = hostRefusalCode(this.status);
  }
}

function hostRefusalCode(status: number): OAuthErrorCode {
  if (status === 401) return 'invalid_client';
  if (status === 403) return 'unauthorized_client';
  if (status === 429) return 'temporarily_unavailable';
  return 'invalid_request';
}
