import {
  Post,
  Req,
  Res,
  SetMetadata,
  UseFilters,
  UseGuards,
  createParamDecorator,
} from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ClientAuthGuard } from './client-auth.guard.js';
import { callerOf } from './caller.js';
import { OAuthExceptionFilter } from './oauth-exception.filter.js';
import { FASTIFY_ROUTE_CONFIG, FASTIFY_ROUTE_MARK } from './adapters/fastify-route.js';
import { arrivalOf, refusalTime } from './arrival.js';
import { rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';
import { formOf } from './request-body.js';
import { requestIdOf } from './request-id.js';
import { send } from './send.js';
import type { HttpResponse } from './send.js';
import { IntrospectionService } from '../decision/introspection.service.js';
import { aheadOf } from './request-ahead.js';
import { TokenIntrospectionRequestPipe } from '../model/token-introspection-request.js';
import type { TokenIntrospectionRequest } from '../model/token-introspection-request.js';

/** The request's form. It reads what {@link formOf} has kept, so it needs no settings. */
const Form = createParamDecorator((_: unknown, context: ExecutionContext) =>
  formOf(rawRequest(context.switchToHttp().getRequest<HttpRequest>()), Infinity),
);

/** The introspection endpoint (RFC 7662 §2). Its path and the other methods: `endpoint.ts`. */
@UseFilters(OAuthExceptionFilter)
export class IntrospectionController {
  constructor(private readonly introspection: IntrospectionService) {}

  @Post()
  @UseGuards(ClientAuthGuard)
  @SetMetadata(FASTIFY_ROUTE_CONFIG, FASTIFY_ROUTE_MARK)
  async introspect(
    // Readonly<…> keeps the class out of the metadata, so that a host's ValidationPipe passes it by.
    @Form(TokenIntrospectionRequestPipe) request: Readonly<TokenIntrospectionRequest>,
    @Req() httpRequest: HttpRequest,
    @Res() response: HttpResponse,
  ): Promise<void> {
    const answer = await this.introspection.introspect(request, callerOf(httpRequest)!, {
      requestId: requestIdOf(httpRequest),
      arrival: arrivalOf(httpRequest),
      ahead: aheadOf(httpRequest),
    });
    if (!answer.active) await refusalTime(httpRequest);
    send(response, 200, JSON.stringify(answer));
  }
}
