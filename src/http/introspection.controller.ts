import { Req, Res, UseFilters, UseGuards, createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { TokenIntrospectionRequest } from '../model/token-introspection-request.js';
import { ClientAuthGuard } from './client-auth.guard.js';
import { EndpointSteps } from './endpoint-steps.js';
import { exchangeOf } from './exchange.js';
import { OAuthExceptionFilter } from './oauth-exception.filter.js';
import type { HttpRequest } from './raw-request.js';
import type { HttpResponse } from './send.js';
import { TokenIntrospectionRequestPipe } from './token-introspection-request.pipe.js';

/** The request's form, which the guard has seen to be one. */
const Form = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    exchangeOf(context.switchToHttp().getRequest<HttpRequest>()).form,
);

/** The introspection endpoint (RFC 7662 §2). Its path, its routes and the other methods: `adapters/endpoint.ts`. */
@UseFilters(OAuthExceptionFilter)
export class IntrospectionController {
  constructor(private readonly steps: EndpointSteps) {}

  @UseGuards(ClientAuthGuard)
  async introspect(
    // Readonly<…> keeps the class out of the metadata, so that a host's ValidationPipe passes it by.
    @Form(TokenIntrospectionRequestPipe) request: Readonly<TokenIntrospectionRequest>,
    @Req() httpRequest: HttpRequest,
    @Res() response: HttpResponse,
  ): Promise<void> {
    const exchange = exchangeOf(httpRequest);
    this.steps.answer(exchange, response, await this.steps.introspect(exchange, request));
  }
}
