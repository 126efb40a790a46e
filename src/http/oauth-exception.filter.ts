import { Catch, HttpException, Injectable } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { OAuthError } from '../model/oauth-error.js';
import type { OAuthErrorCode } from '../model/oauth-error.js';
import { EndpointSteps } from './endpoint-steps.js';
import { exchangeOf } from './exchange.js';
import { GuardAdvice } from './neighbours/guard-advice.js';

/**
 * Turns everything that the endpoint's pipeline throws into an OAuth error answer. It stands on the
 * controller, so it comes before a host's own global filters.
 */
@Injectable()
@Catch()
export class OAuthExceptionFilter implements ExceptionFilter {
  constructor(
    private readonly steps: EndpointSteps,
    private readonly advice: GuardAdvice,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const exchange = exchangeOf(http.getRequest());
    const isHosts = exception instanceof HttpException && exception.getStatus() < 500;
    if (isHosts) this.advice.refused(exchange, exception.getStatus());
    const failure = isHosts ? new HostRefusal(exception) : exception;
    this.steps.refuse(exchange, http.getResponse(), failure);
  }
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
