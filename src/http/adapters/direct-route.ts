import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { ClientAuthGuard } from '../client-auth.guard.js';
import { OAuthExceptionFilter } from '../oauth-exception.filter.js';
import { applicationConfig } from './endpoint-path.js';
import { onEndpointRoute } from './fastify-route.js';
import type { FastifyInstance, FastifyRoute } from './fastify-route.js';
import { rawRequest } from '../raw-request.js';
import type { HttpRequest } from '../raw-request.js';
import { formOf } from '../request-body.js';
import type { HttpResponse } from '../send.js';
import { IntrospectionController } from '../introspection.controller.js';
import { EndpointLocation } from '../../config/settings.js';
import { TokenIntrospectionRequestPipe } from '../../model/token-introspection-request.js';

/**
 * The endpoint's steps on Fastify, straight one after the other. Nest's own way from step to step
 * serves a host's enhancers; where there are none it is left out, which saves a fifth of an answer.
 * Fastify's hooks and Nest's middleware come before and after it as ever.
 */
@Injectable()
export class DirectRoute {
  readonly #pipe = new TokenIntrospectionRequestPipe();

  constructor(
    host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    @Inject(EndpointLocation) private readonly location: EndpointLocation,
    private readonly guard: ClientAuthGuard,
    private readonly controller: IntrospectionController,
    private readonly filter: OAuthExceptionFilter,
  ) {
    host.init$.subscribe(() => {
      if (host.httpAdapter?.getType() === 'fastify') this.hook(host.httpAdapter.getInstance());
    });
  }

  private hook(fastify: FastifyInstance): void {
    onEndpointRoute(fastify, (route) => {
      // Nest asks for its enhancers once, when it makes a route: what counts is what there is now.
      if (route.method !== 'POST' || this.isEnhanced(route)) return;
      route.handler = (request, response) => {
        this.answer(request, response).catch((failure: unknown) =>
          this.filter.answer(failure, request, response),
        );
      };
    });
  }

  /** Whether Nest has anything to do between the steps: what the host has bound, or path parameters. */
  private isEnhanced({ url }: FastifyRoute): boolean {
    const config = applicationConfig(this.moduleRef);
    const bound = [
      this.location.decorators,
      config.getGlobalGuards(),
      config.getGlobalRequestGuards(),
      config.getGlobalInterceptors(),
      config.getGlobalRequestInterceptors(),
      config.getGlobalPipes(),
      config.getGlobalRequestPipes(),
      config.getGlobalPreRequestHooks(),
    ];
    return /[:*]/.test(url) || bound.some(({ length }) => length > 0);
  }

  private async answer(request: HttpRequest, response: HttpResponse): Promise<void> {
    await this.guard.admit(request);
    const form = await formOf(rawRequest(request), Infinity);
    await this.controller.introspect(this.#pipe.transform(form), request, response);
  }
}
