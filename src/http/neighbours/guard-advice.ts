import { Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { applicationConfig } from '../adapters/endpoint-path.js';
import type { Exchange } from '../exchange.js';

/** What a log-in guard answers to a caller that it does not know. */
const NOT_LOGGED_IN = new Set([401, 403]);

/** Tells the operator, once, how a global guard of the application's lets the endpoint's clients in. */
@Injectable()
export class GuardAdvice {
  readonly #logger = new Logger('IntrospectionModule');
  #isDone = false;

  constructor(private readonly moduleRef: ModuleRef) {}

  /** Is told of a client that came to the endpoint: then what a guard refuses is its own business. */
  admitted(): void {
    this.#isDone = true;
  }

  /** Is told of each refusal that is not the endpoint's own. */
  refused({ raw }: Exchange, status: number): void {
    if (this.#isDone || !NOT_LOGGED_IN.has(status)) return;
    if (raw.method !== 'POST' || !/^basic /i.test(raw.headers.authorization ?? '')) return;
    this.#isDone = true;
    this.#logger.warn(
      `A global guard of this application${this.guards()} refused a request to the introspection ` +
        `endpoint with ${status} before its client was authenticated. If clients are to come through, ` +
        'put the mark by which that guard knows a public route on the endpoint, with the option ' +
        'decorators of IntrospectionModule: for example decorators: [Public()].',
    );
  }

  private guards(): string {
    const config = applicationConfig(this.moduleRef);
    const names = [
      ...config.getGlobalGuards().map(({ constructor }) => constructor.name),
      ...config.getGlobalRequestGuards().map(({ name }) => String(name)),
    ].filter((name) => name !== 'Object');
    return names.length > 0 ? ` (${names.join(', ')})` : '';
  }
}
