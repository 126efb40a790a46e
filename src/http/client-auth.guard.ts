import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { IntrospectionSettings } from '../config/settings.js';
import type { Client } from '../model/client.js';
import { oauthErrorOf } from '../model/oauth-error.js';
import { CallerAuthentication } from './caller-authentication.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';
import { EndpointSteps } from './endpoint-steps.js';
import { exchangeOf } from './exchange.js';
import type { Exchange } from './exchange.js';
import { GuardAdvice } from './neighbours/guard-advice.js';
import type { HttpRequest } from './raw-request.js';
import { readLateBody } from './request-body.js';
import { runStrategy } from './run-strategy.js';

/** Lets a request pass whose client is authenticated, by HTTP Basic alone, and may introspect. */
@Injectable()
export class ClientAuthGuard implements CanActivate {
  constructor(
    private readonly strategy: ClientBasicStrategy,
    private readonly callers: CallerAuthentication,
    private readonly steps: EndpointSteps,
    private readonly settings: IntrospectionSettings,
    private readonly advice: GuardAdvice,
  ) {}

  /** Keeps the client on the request's exchange as its caller. @throws OAuthError when it must not pass. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const exchange = exchangeOf(request);
    try {
      if (exchange.body === undefined) await this.readBody(exchange);
      this.steps.plan(exchange);
      if (exchange.credentials) await this.readRows(exchange);
      const client = await runStrategy<Client>(this.strategy, request);
      this.steps.admit(exchange, client ?? (await this.callers.refusal(exchange)));
      this.advice.admitted();
      return true;
    } catch (failure) {
      // A host's port may fail with an HttpException, which the filter would take for a refusal by the host.
      throw oauthErrorOf(failure);
    }
  }

  private readBody(exchange: Exchange): Promise<void> {
    return new Promise((resolve) => {
      readLateBody(exchange.raw, this.settings.bodyLimit, (body) => {
        exchange.body = body;
        resolve();
      });
    });
  }

  private readRows(exchange: Exchange): Promise<void> {
    return new Promise((resolve, reject) => {
      exchange.onRows = () => resolve();
      exchange.onFailure = (_, failure) => reject(failure);
      this.steps.read(exchange);
    });
  }
}
