import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnModuleInit, Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { IntrospectionSettings } from '../../config/settings.js';
import { EndpointController, EndpointLocation } from '../adapters/endpoint-location.js';
import { PINO_LOGGER, PINO_PARAMS, PINO_WARNING, logsAuthorization } from './pino-log.js';
import { THROTTLER_OPTIONS, skipThrottlers } from './throttlers.js';

/** Looks, when the application starts, for those of its modules that have to do with the endpoint. */
@Injectable()
export class Neighbours implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(EndpointController) private readonly controller: Type,
    @Inject(EndpointLocation) private readonly location: EndpointLocation,
    private readonly settings: IntrospectionSettings,
  ) {}

  /** Nest has called the application's middleware by then, so that nestjs-pino has its logger. */
  onModuleInit(): void {
    const providers = this.discovery.getProviders();
    for (const { token, instance } of providers) {
      if (token === THROTTLER_OPTIONS && this.settings.limits) {
        skipThrottlers(this.controller, instance);
      }
      if (token !== PINO_PARAMS) continue;
      const logger = providers.find(({ name }) => name === PINO_LOGGER)?.metatype;
      const { root } = (logger ?? {}) as { root?: unknown };
      if (!logsAuthorization(instance, root, this.location.path)) continue;
      new Logger('IntrospectionModule').warn(PINO_WARNING);
    }
  }
}
