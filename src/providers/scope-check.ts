import { Inject, Injectable } from '@nestjs/common';
import type { InjectionToken, OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { throwIfAny } from '../config/rule.js';
import { IntrospectionSettings } from '../config/settings.js';
import { EndpointLocation } from '../http/adapters/endpoint-location.js';
import { AccessPolicy } from '../model/access-policy.js';
import { ClientRepository } from '../model/client-repository.js';
import { DecisionObserver } from '../model/decision-observer.js';
import { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { KeySource } from '../model/key-source.js';
import { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';

/** What a host provides. Each is before those that are made with it. */
const HOSTS: readonly [token: InjectionToken, name: string][] = [
  [IntrospectionSettings, 'the factory of the options'],
  [INTROSPECTION_DATA_SOURCE, 'the data source'],
  [DecisionObserver, 'DecisionObserver'],
  [AccessPolicy, 'AccessPolicy'],
  [KeySource, 'KeySource'],
  [ClientRepository, 'ClientRepository'],
  [OpaqueTokenRepository, 'OpaqueTokenRepository'],
  [JwtRevocationRepository, 'JwtRevocationRepository'],
];

/**
 * Whether all that the host provides is there before any request. Nest would make each part that needs one
 * that is not anew for every request: limits that count nothing, and no strategies. So nothing of those
 * may be injected here.
 */
@Injectable()
export class ScopeCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(EndpointLocation) private readonly location: EndpointLocation,
  ) {}

  /** @throws Error that names the first that needs a request */
  onModuleInit(): void {
    const all = this.discovery.getProviders();
    const own = all.find(({ instance }) => instance === this)?.host?.providers;
    const scoped = HOSTS.find(([token]) => own?.get(token)?.isDependencyTreeStatic() === false);
    if (!scoped) return;
    const fault = `${scoped[1]} is request-scoped, or injects what is: the endpoint needs one for all requests`;
    throwIfAny([fault], this.location.path, 'providers');
  }
}
