import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { UnsupportedTokenTypeError } from '../model/oauth-error.js';
import { IntrospectionSettings } from '../config/settings.js';
import { TOKEN_TYPE_HINT } from '../model/introspection-strategy.js';
import type { IntrospectionStrategy } from '../model/introspection-strategy.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** The strategies of the application by the hint that each claims. */
@Injectable()
export class StrategyRegistry implements OnModuleInit {
  /** By hint: every strategy, the hinted one first. */
  readonly #orders = new Map<string, readonly IntrospectionStrategy[]>();
  readonly #claims = new Map<string, { name: string; strategy: IntrospectionStrategy }>();
  #all: readonly IntrospectionStrategy[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly settings: IntrospectionSettings,
  ) {}

  /** @throws Error that names both strategies when two claim one hint, or the one that cannot serve. */
  onModuleInit(): void {
    for (const wrapper of this.discovery.getProviders()) {
      const hint = hintOf(wrapper);
      if (hint !== undefined) this.register(hint, wrapper);
    }
    this.#all = [...this.#claims.values()].map(({ strategy }) => strategy);
    for (const [hint, { strategy }] of this.#claims) {
      this.#orders.set(hint, [strategy, ...this.#all.filter((other) => other !== strategy)]);
    }
  }

  /** The hints that the registered strategies claim. */
  get hints(): readonly string[] {
    return [...this.#claims.keys()];
  }

  /**
   * Every strategy, the hinted one first: a hint may be wrong, so it never narrows the search
   * (RFC 7662 §2.1).
   *
   * @throws UnsupportedTokenTypeError for `refresh_token`, and for a hint that no strategy claims
   *   unless `unknownHints` is `'ignore'`.
   */
  inOrder(hint: string | undefined): readonly IntrospectionStrategy[] {
    if (hint === undefined) return this.#all;
    const order = this.#orders.get(hint);
    if (order) return order;
    if (hint === 'refresh_token') {
      throw new UnsupportedTokenTypeError('Introspecting refresh tokens is not supported.');
    }
    if (this.settings.unknownHints === 'ignore') return this.#all;
    throw new UnsupportedTokenTypeError('This server supports no such token_type_hint.');
  }

  private register(hint: string, wrapper: Wrapper): void {
    const name = `${wrapper.name} (in ${wrapper.host?.name ?? 'no module'})`;
    const rival = this.#claims.get(hint);
    // An alias (useExisting) is the same strategy once more.
    if (rival && rival.strategy === wrapper.instance) return;
    if (rival) {
      throw new Error(`Both ${rival.name} and ${name} claim the token type hint "${hint}".`);
    }
    if (hint === 'refresh_token') {
      throw new Error(`${name} claims "refresh_token", which is never introspected.`);
    }
    if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) {
      throw new Error(
        `${name}, the strategy for the token type hint "${hint}", is not a singleton. ` +
          'StrategyRegistry keeps one instance of each strategy: make it and what it injects singletons.',
      );
    }
    const strategy = wrapper.instance as Partial<IntrospectionStrategy>;
    if (typeof strategy.find !== 'function') {
      throw new Error(
        `${name} claims the token type hint "${hint}" but has no method find(token).`,
      );
    }
    this.#claims.set(hint, { name, strategy: strategy as IntrospectionStrategy });
  }
}

function hintOf({ metatype, instance }: Wrapper): string | undefined {
  for (const type of [metatype, (instance as object | undefined)?.constructor]) {
    const hint: unknown = type && Reflect.getMetadata(TOKEN_TYPE_HINT, type);
    if (typeof hint === 'string') return hint;
  }
  return undefined;
}
