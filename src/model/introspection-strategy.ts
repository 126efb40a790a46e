import { SetMetadata } from '@nestjs/common';
import type { ClientState } from './client.js';
import type { InactiveReason } from './inactive-reason.js';
import type { TokenRecord } from './token-record.js';

/**
 * A kind of token that can be introspected. To add a kind, write a class with the method `find`, claim
 * its hint with {@link TokenTypeHint}, and list it among the providers of any module.
 */
export interface IntrospectionStrategy {
  /**
   * Looks a token up.
   *
   * @param token the token as it was presented, never trimmed or changed
   * @returns `undefined` when the token is not of this kind, so that the next strategy looks it up;
   *   `rejected` when it is of this kind and not active; otherwise `accepted` with the token's facts. The
   *   module then decides on time, client and caller, in the same way for every strategy.
   * @throws anything when the look-up failed: the caller is then answered with 503.
   */
  find(token: string): Promise<Finding | undefined>;

  /**
   * Optional. Starts the look-up while the caller is still being authenticated, so that one trip to
   * the database serves both. It must be cheap, change nothing and never throw: the caller is
   * not authenticated yet, and when it is refused the result is never asked for.
   *
   * @returns a function that finishes this look-up, and is called instead of `find`; `undefined` when
   *   there is nothing to start.
   */
  begin?(token: string): (() => Promise<Finding | undefined>) | undefined;
}

export type Finding =
  | { readonly accepted: TokenRecord }
  | {
      readonly rejected: InactiveReason;
      /** The token's facts, where it is a known one: they tell whether the caller may know of it. */
      readonly token?: TokenRecord | undefined;
    };

export const TOKEN_TYPE_HINT = 'introspection:token_type_hint';

/** Claims a `token_type_hint` (RFC 7662 §2.1) for a strategy. No two strategies may claim the same. */
export const TokenTypeHint = (hint: string): ClassDecorator => SetMetadata(TOKEN_TYPE_HINT, hint);

/** A finding of one of our strategies, which may have read the state of the token's client with the token. */
export type KnownFinding = Finding & { readonly clientState?: ClientState | undefined };

/**
 * What our strategy for JSON Web Tokens finds where the issuer is not trusted. It means, as `undefined` does, that the
 * token is not of this kind: the other strategies are asked, and this is the reason if none of them knows it.
 */
export const UNTRUSTED_ISSUER = Object.freeze({ rejected: 'untrusted_issuer' }) satisfies Finding;
