import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { errorBody } from '../oauth-exception.filter.js';
import { Observers } from '../../events/observers.js';
import { EndpointLocation, IntrospectionSettings } from '../../config/settings.js';
import { arrivalOf, durationOf } from '../arrival.js';
import { endpointPath, isAt } from './endpoint-path.js';
import { onEndpointRoute } from './fastify-route.js';
import type { FastifyInstance } from './fastify-route.js';
import { rawRequest } from '../raw-request.js';
import type { HttpRequest } from '../raw-request.js';
import { bodyRefusal, readBody } from '../request-body.js';
import { requestIdOf } from '../request-id.js';
import { sendRaw } from '../send.js';

type Next = () => void;
type Connect = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  headers: IncomingMessage['headers'];
}
interface FastifyReplyLike {
  raw: ServerResponse;
  hijack(): void;
}

/**
 * Reads the endpoint's bodies before a host's own parsers do. Theirs decode leniently, fold repeated
 * parameters together, have limits of their own, and report errors to the host's filters; the
 * endpoint must behave the same under all of them. Other routes of the host are not touched.
 */
@Injectable()
export class BodyReader {
  constructor(
    host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    @Inject(EndpointLocation) private readonly location: EndpointLocation,
    private readonly settings: IntrospectionSettings,
    private readonly observers: Observers,
  ) {
    // An application has its adapter before it registers its parsers and routes, so we come first.
    host.init$.subscribe(() => this.install(host.httpAdapter));
  }

  /** @param adapter null in an application without HTTP: no endpoint then, and nothing to read */
  private install(adapter: AbstractHttpAdapter | null): void {
    if (!adapter) return;
    if (adapter.getType() === 'fastify') this.hookFastify(adapter.getInstance());
    else if (adapter.getType() === 'express') adapter.use(this.expressMiddleware());
  }

  private hookFastify(fastify: FastifyInstance): void {
    const preParsing = (
      request: FastifyRequestLike,
      reply: FastifyReplyLike,
      payload: unknown,
      done: (error: null, payload: unknown) => void,
    ) => {
      arrivalOf(request.raw);
      readBody(request.raw, this.settings.bodyLimit, () => {
        if (bodyRefusal(request.raw)) {
          reply.hijack();
          return this.refuse(request, reply.raw);
        }
        // Fastify is told that there is no body left to parse; Node's own headers stay as they are.
        request.headers = {
          'content-type': undefined,
          'content-length': undefined,
          'transfer-encoding': undefined,
        };
        done(null, payload);
      });
    };
    onEndpointRoute(fastify, (route) => {
      route.preParsing = preParsing;
    });
  }

  private expressMiddleware(): Connect {
    let endpoint: string | undefined;
    return (request, response, next) => {
      // The global prefix is known only after the application is made, so not yet above.
      endpoint ??= endpointPath(this.location, this.moduleRef);
      if (!isAt(endpoint, request.url as string)) return next();
      arrivalOf(request);
      readBody(request, this.settings.bodyLimit, () => {
        if (bodyRefusal(request)) this.refuse(request, response);
        else next();
      });
    };
  }

  /** Answers 413 at once, before anybody spends work on the request. */
  private refuse(request: HttpRequest, response: ServerResponse): void {
    const error = bodyRefusal(rawRequest(request))!;
    // The id first: the adapter's request has one, and Node's own below is then called the same.
    const requestId = requestIdOf(request);
    this.observers.refused({ error, requestId, durationMs: durationOf(request) });
    sendRaw(response, error.status, errorBody(error), error.headers);
  }
}
