import { UNTRUSTED_ISSUER } from '../model/introspection-strategy.js';
import type { IntrospectionStrategy, KnownFinding } from '../model/introspection-strategy.js';
import { isLater } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { Batch } from '../persistence/batch.js';
import type { Plan } from '../persistence/plan.js';
import type { Rows } from '../persistence/rows.js';

type Found = KnownFinding | undefined;

/** A strategy, as a look-up asks it. */
export interface RegisteredStrategy {
  readonly strategy: IntrospectionStrategy;
  /** Starts a look-up. @returns `undefined` where there is nothing to start. */
  start(token: string): Plan<Found> | undefined;
  /** Looks a token up from the beginning. */
  find(token: string): Soon<Found>;
}

/** One token that is being looked up, with the strategies in the order in which they are asked. */
export class LookUp implements Plan<Found> {
  readonly #strategies: readonly RegisteredStrategy[];
  /** The first strategy that can start has started; the others are asked when it is their turn. */
  #starter: RegisteredStrategy | undefined;
  #started: Plan<Found> | undefined;

  constructor(
    readonly token: string,
    readonly hint: string | undefined,
    strategies: readonly RegisteredStrategy[],
  ) {
    // Bytes that are not UTF-8 stand for no token, and must not be hashed into one.
    this.#strategies = token.isWellFormed() ? strategies : [];
    for (const strategy of this.#strategies) {
      this.#started = strategy.start(token);
      if (this.#started === undefined) continue;
      this.#starter = strategy;
      return;
    }
  }

  want(batch: Batch): void {
    this.#started?.want(batch);
  }

  /** What the first strategy that knows the token says of it. */
  meaning(rows: Rows): Soon<Found> {
    return this.ask(0, rows, undefined);
  }

  /** @param otherwise what is found where none of them knows the token */
  private ask(first: number, rows: Rows, otherwise: Found): Soon<Found> {
    let none = otherwise;
    for (let at = first; at < this.#strategies.length; at++) {
      const strategy = this.#strategies[at]!;
      const finding =
        strategy === this.#starter ? this.#started!.meaning(rows) : strategy.find(this.token);
      if (isLater(finding)) {
        return finding.then((found) =>
          isKnown(found) ? found : this.ask(at + 1, rows, found ?? none),
        );
      }
      if (isKnown(finding)) return finding;
      none = finding ?? none;
    }
    return none;
  }
}

function isKnown(found: Found): boolean {
  return found !== undefined && found !== UNTRUSTED_ISSUER;
}
