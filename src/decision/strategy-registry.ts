import { Injectable, Logger, Optional } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { IntrospectionSettings } from '../config/settings.js';
import { TOKEN_TYPE_HINT } from '../model/introspection-strategy.js';
import type { IntrospectionStrategy } from '../model/introspection-strategy.js';
import { UnsupportedTokenTypeError } from '../model/oauth-error.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import type { RegisteredStrategy } from './look-up.js';
import { registered } from './registered-strategy.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/**
 * The strategies of the application by the hint that each claims: those of this introspection module, and
 * those of every module that is none.
 */
@Injectable()
export class StrategyRegistry implements OnModuleInit {
  /** By hint: every strategy, the hinted one first. */
  readonly #orders = new Map<string, readonly RegisteredStrategy[]>();
  readonly #claims = new Map<string, { name: string; strategy: RegisteredStrategy }>();
  #all: readonly RegisteredStrategy[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly settings: IntrospectionSettings,
    @Optional() private readonly reader?: BatchedReader,
  ) {}

  /** @throws Error that names both strategies when two claim one hint, or the one that cannot serve. */
  onModuleInit(): void {
    const providers = this.discovery.getProviders();
    const others = new Set(providers.filter((one) => this.isOther(one)).map(({ host }) => host));
    for (const wrapper of providers) {
      const hint = others.has(wrapper.host) ? undefined : hintOf(wrapper);
      if (hint !== undefined) this.register(hint, wrapper);
      else if (seemsForgotten(wrapper)) {
        new Logger('Introspection').warn(
          `${nameOf(wrapper)} has a method find and no @TokenTypeHint: it is not asked about tokens.`,
        );
      }
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
  inOrder(hint: string | undefined): readonly RegisteredStrategy[] {
    const order = this.inOrderIfSupported(hint);
    if (order) return order;
    throw new UnsupportedTokenTypeError(
      hint === 'refresh_token'
        ? 'Introspecting refresh tokens is not supported.'
        : 'This server supports no such token_type_hint.',
    );
  }

  /** The same. @returns `undefined` for a hint that is not supported */
  inOrderIfSupported(hint: string | undefined): readonly RegisteredStrategy[] | undefined {
    if (hint === undefined) return this.#all;
    const isIgnored = this.settings.unknownHints === 'ignore' && hint !== 'refresh_token';
    return this.#orders.get(hint) ?? (isIgnored ? this.#all : undefined);
  }

  /** Another introspection module of the application has a registry of its own for its own strategies. */
  private isOther({ metatype, instance }: Wrapper): boolean {
    return metatype === StrategyRegistry && instance !== this;
  }

  private register(hint: string, wrapper: Wrapper): void {
    const name = nameOf(wrapper);
    const rival = this.#claims.get(hint);
    // An alias (useExisting) is the same strategy once more.
    if (rival && rival.strategy.strategy === wrapper.instance) return;
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
    this.#claims.set(hint, {
      name,
      strategy: registered(strategy as IntrospectionStrategy, this.reader),
    });
  }
}

/** @throws Error that names the strategy whose hint is none */
function hintOf(wrapper: Wrapper): string | undefined {
  const { metatype, instance } = wrapper;
  for (const type of [metatype, (instance as object | undefined)?.constructor]) {
    if (!type || !Reflect.hasMetadata(TOKEN_TYPE_HINT, type)) continue;
    const hint: unknown = Reflect.getMetadata(TOKEN_TYPE_HINT, type);
    if (typeof hint === 'string') return hint;
    throw new Error(`${nameOf(wrapper)} claims a token type hint that is no string.`);
  }
  return undefined;
}

/** A strategy by its name and its method, for which no hint is claimed. */
function seemsForgotten({ instance, metatype }: Wrapper): boolean {
  const { name } = (instance as object | undefined)?.constructor ?? metatype ?? {};
  return (
    name?.endsWith('Strategy') === true &&
    typeof (instance as { find?: unknown })?.find === 'function'
  );
}

function nameOf({ name, host }: Pick<Wrapper, 'name' | 'host'>): string {
  return `${name} (in ${host?.name ?? 'no module'})`;
}
