import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit, Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { IntrospectionSettings } from '../../config/settings.js';
import { EndpointController } from '../adapters/endpoint-location.js';
import { THROTTLER_OPTIONS, skipThrottlers } from './throttlers.js';

/** Looks, when the application starts, for those of its modules that have to do with the endpoint. */
@Injectable()
export class Neighbours implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(EndpointController) private readonly controller: Type,
    private readonly settings: IntrospectionSettings,
  ) {}

  onModuleInit(): void {
    for (const { token, instance } of this.discovery.getProviders()) {
      if (token === THROTTLER_OPTIONS && this.settings.limits) {
        skipThrottlers(this.controller, instance);
      }
    }
  }
}
