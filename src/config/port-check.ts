import { Inject, Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { AccessPolicy } from '../model/access-policy.js';
import { ClientRepository } from '../model/client-repository.js';
import { DecisionObserver } from '../model/decision-observer.js';
import { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { KeySource } from '../model/key-source.js';
import { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import { kindOf } from './rule.js';
import { IntrospectionSettings } from './settings.js';

const OBSERVED = ['decided', 'refused', 'abused'] satisfies (keyof DecisionObserver)[];

/** Whether what the host has bound to the ports can serve, before the first request needs it. */
@Injectable()
export class PortCheck implements OnModuleInit {
  readonly #faults: readonly string[];

  constructor(
    @Inject(ClientRepository) clients: unknown,
    @Inject(OpaqueTokenRepository) tokens: unknown,
    @Inject(JwtRevocationRepository) revocations: unknown,
    @Inject(KeySource) keys: unknown,
    @Inject(AccessPolicy) policy: unknown,
    @Inject(DecisionObserver) observers: unknown,
    private readonly settings: IntrospectionSettings,
  ) {
    this.#faults = [
      ...faultsOf('ClientRepository', clients, ['find'], ['findChosenSecret']),
      ...faultsOf('OpaqueTokenRepository', tokens, ['findByDigest'], ['revoke']),
      ...faultsOf('JwtRevocationRepository', revocations, ['isRevoked'], ['revoke']),
      ...faultsOf('KeySource', keys, ['keySet']),
      ...faultsOf('AccessPolicy', policy, ['allows']),
      ...[observers].flat().flatMap(observerFaults),
    ];
  }

  /** @throws Error that names every port whose provider cannot serve it */
  onModuleInit(): void {
    this.settings.throwIfAny(this.#faults, 'providers');
  }
}

function observerFaults(observer: unknown): string[] {
  const given = OBSERVED.filter((method) => memberOf(observer, method) !== undefined);
  return given.length > 0
    ? faultsOf('DecisionObserver', observer, [], given)
    : [`${shown('DecisionObserver', observer)}, which has no method ${OBSERVED.join(', ')}`];
}

/** @param optional methods that may be absent */
function faultsOf(
  port: string,
  bound: unknown,
  required: readonly string[],
  optional: readonly string[] = [],
): string[] {
  const lacking = [
    ...required.filter((method) => typeof memberOf(bound, method) !== 'function'),
    ...optional.filter((method) => {
      const member = memberOf(bound, method);
      return member !== undefined && typeof member !== 'function';
    }),
  ];
  return lacking.map((method) => `${shown(port, bound)}, which has no method ${method}`);
}

function memberOf(bound: unknown, name: string): unknown {
  return (bound as Readonly<Record<string, unknown>> | null | undefined)?.[name];
}

function shown(port: string, bound: unknown): string {
  const type = (bound as object | null | undefined)?.constructor;
  const isOwnClass = type !== undefined && typeof bound === 'object' && type !== Object;
  return `${port} is bound to ${isOwnClass ? type.name : kindOf(bound)}`;
}
