import type { Kind } from './kinds.js';

/** A variable of the server. Docs, .env.example and what is checked at start come from it. */
export interface Variable<T = unknown> {
  /** A phrase in Markdown, which says the unit, too. */
  readonly what: string;
  readonly kind: Kind<T>;
  /** Absent: the variable has no value by default. */
  readonly default?: T;
  /** What docs say of the default, in Markdown, where the value does not say it. */
  readonly shownDefault?: string;
  /** How docker-compose.yml takes it from `.env`. Absent: the stack sets it by itself, or has no use for it. */
  readonly inStack?: StackVariable;
}

/** A variable of docker-compose.yml. */
export interface StackVariable {
  /** Its name in `.env`. Default: the same. */
  readonly name?: string;
  /** What it is in the stack, where that is something else or more. */
  readonly what?: string;
  /** Its default in the stack. Default: the server's own. */
  readonly default?: string;
}

/** The values of described variables. */
export type ValuesOf<Described> = {
  readonly [Name in keyof Described]: Described[Name] extends { kind: Kind<infer T> }
    ? Described[Name] extends { default: unknown }
      ? T
      : T | undefined
    : never;
};
