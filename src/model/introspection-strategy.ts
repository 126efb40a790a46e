import { SetMetadata } from '@nestjs/common';
import type { InactiveReason, TokenRecord } from './token-record.js';

/**
 * A kind of token that can be introspected. To add one, write a class with the method `find`, claim
 * its hint with {@link TokenTypeHint}, and list it among the providers of any module.
 */
export interface IntrospectionStrategy<Ahead = unknown> {
  /**
   * Looks a token up.
   *
   * @param token the token as it was presented, never trimmed or changed
   * @param ahead what `readAhead` gave for this token, if it was asked
   * @returns `undefined` when the token is not of this kind, so that the next strategy looks;
   *   `rejected` when it is, and is not active; `accepted` with what is known of it, for the
   *   decision on time, client and caller, which is the same for every strategy.
   * @throws anything when the look-up failed: the caller is then answered with 503.
   */
  find(token: string, ahead?: Ahead): Promise<Finding | undefined>;

  /**
   * Optional. Starts the reads that `find` will wait for while the caller is still being looked up,
   * so that one trip to the database serves both. Nobody is authenticated yet: it must be cheap,
   * change nothing and never throw, and what it has started may end unheard.
   *
   * @returns `undefined` when there is nothing to start.
   */
  readAhead?(token: string): Ahead | undefined;
}

export type Finding = { readonly accepted: TokenRecord } | { readonly rejected: InactiveReason };

export const TOKEN_TYPE_HINT = 'introspection:token_type_hint';

/** Claims a `token_type_hint` (RFC 7662 §2.1) for a strategy. No two strategies may claim the same. */
export const TokenTypeHint = (hint: string): ClassDecorator => SetMetadata(TOKEN_TYPE_HINT, hint);
