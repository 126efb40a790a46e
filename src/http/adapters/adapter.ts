import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { IntrospectionSettings } from '../../config/settings.js';
import { rememberAddresses } from '../client-address.js';
import { EndpointSteps } from '../endpoint-steps.js';
import { StraightWay } from '../straight-way.js';
import { arrivals } from './arrival.js';
import type { Arrive } from './arrival.js';
import { EndpointLocation, checkAlone } from './endpoint-location.js';
import { applicationConfig, endpointPath } from './endpoint-path.js';
import { expressMiddleware } from './express.js';
import { onFastify } from './fastify.js';
import { onAdapter, preRequestHooks } from './nest-11.js';
import { nodeHandler } from './node.js';
import type { NodeHandler } from './node.js';

/**
 * Puts the endpoint into the host's HTTP adapter before the host's own body parsers. Theirs decode
 * leniently, fold repeated parameters together, have limits of their own, and report errors to the
 * host's filters; the endpoint must behave the same under all of them. Other routes of the host are
 * not touched.
 */
@Injectable()
export class EndpointAdapter {
  readonly #arrive: Arrive;

  constructor(
    host: HttpAdapterHost,
    private readonly moduleRef: ModuleRef,
    @Inject(EndpointLocation) private readonly location: EndpointLocation,
    { bodyLimit }: IntrospectionSettings,
    steps: EndpointSteps,
    private readonly straight: StraightWay,
    discovery: DiscoveryService,
  ) {
    // Before the routes are made, because Fastify's own message would name none of the modules.
    checkAlone(location, discovery);
    this.#arrive = arrivals(steps, bodyLimit);
    // An application has its adapter before it registers its parsers and routes, so we come first.
    onAdapter(host, (adapter) => this.install(adapter));
    host.listen$.subscribe(() => rememberAddresses(host.httpAdapter.getHttpServer()));
  }

  /**
   * The endpoint for an application that has its server to itself.
   * @returns `undefined` when Nest has anything to do between the steps
   */
  nodeHandler(): NodeHandler | undefined {
    const path = endpointPath(this.location, this.moduleRef);
    if (this.isEnhanced(path)) return undefined;
    return nodeHandler(path, this.#arrive, this.straight);
  }

  /** @param adapter null in an application without HTTP: no endpoint then */
  private install(adapter: AbstractHttpAdapter | null): void {
    if (!adapter) return;
    const options = {
      path: () => endpointPath(this.location, this.moduleRef).toLowerCase(),
      isEnhanced: (url: string) => this.isEnhanced(url),
    };
    const [instance, type] = [adapter.getInstance(), adapter.getType()];
    if (type === 'fastify')
      onFastify(instance, this.#arrive, this.straight, { ...options, location: this.location });
    else if (type === 'express') {
      adapter.use(expressMiddleware(instance, this.#arrive, this.straight, options));
    }
  }

  /** Whether Nest has anything to do between the steps: what the host has bound, or path parameters. */
  private isEnhanced(url: string): boolean {
    const config = applicationConfig(this.moduleRef);
    const bound = [
      this.location.decorators,
      config.getGlobalGuards(),
      config.getGlobalRequestGuards(),
      config.getGlobalInterceptors(),
      config.getGlobalRequestInterceptors(),
      config.getGlobalPipes(),
      config.getGlobalRequestPipes(),
      preRequestHooks(config),
    ];
    return /[:*]/.test(url) || bound.some(({ length }) => length > 0);
  }
}
