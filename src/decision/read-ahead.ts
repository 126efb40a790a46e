import type { Finding, IntrospectionStrategy } from '../model/introspection-strategy.js';

/** A token whose look-up has begun, with the strategies in the order in which they are asked. */
export class ReadAhead {
  /** What the first strategy that has any use for it has started to read. */
  readonly #started: { readonly by: IntrospectionStrategy; readonly ahead: unknown } | undefined;

  constructor(
    private readonly token: string,
    private readonly strategies: readonly IntrospectionStrategy[],
  ) {
    // Bytes that are not UTF-8 stand for no token, and must not be hashed into one.
    this.#started = token.isWellFormed() ? firstStart(token, strategies) : undefined;
  }

  /** What the first strategy that knows the token says of it. */
  async finding(): Promise<Finding | undefined> {
    if (!this.token.isWellFormed()) return undefined;
    for (const strategy of this.strategies) {
      const ahead = this.#started?.by === strategy ? this.#started.ahead : undefined;
      const finding = await strategy.find(this.token, ahead);
      if (finding) return finding;
    }
    return undefined;
  }
}

function firstStart(token: string, strategies: readonly IntrospectionStrategy[]) {
  for (const by of strategies) {
    const ahead = by.readAhead?.(token);
    if (ahead !== undefined) return { by, ahead };
  }
  return undefined;
}

/** For a promise that may be dropped: whoever waits for it hears of its failure still. */
export function unheard(): void {}
