import { mustBe, objectOf } from './rule.js';
import type { Rule } from './rule.js';

/** Bounds on guessing secrets and on scanning for tokens. */
export interface LimitsOptions {
  /**
   * So many authentications for one client from one address that fail within the window block this client
   * at this address (429) for one window; no more than these are compared at once. Default: 20.
   */
  failuresPerClient?: number;
  /** The same for one address, with the failures for all clients together, and those that name none. Default: 100. */
  failuresPerAddress?: number;
  /** The window for failures, in seconds. Default: 300. */
  window?: number;
  /**
   * A caller that asks a hundred times or more within a minute, and for whom more than this share of
   * the tokens, from 0 to 1, is unknown or not for it to see, is taken for a scanner. Default: 0.5.
   */
  unknownTokens?: number;
  /** How long inactive answers to a scanner are held back, in milliseconds, up to 10000; 0: not at all. Default: 1000. */
  delay?: number;
  /**
   * Where failures are counted: in each process (`'memory'`), or for all processes together in the
   * data source's database (`'postgres'`) or in Redis, with a connected client of the packages redis
   * or ioredis. Default: `'memory'`.
   */
  store?: 'memory' | 'postgres' | { redis: object };
}

export type Limits = Readonly<Required<LimitsOptions>>;

const DEFAULTS: Limits = {
  failuresPerClient: 20,
  failuresPerAddress: 100,
  window: 300,
  unknownTokens: 0.5,
  delay: 1000,
  store: 'memory',
};

/** Fills in the defaults. @returns `undefined` when all limits are off. */
export function limitsOf(options: LimitsOptions | false | undefined): Limits | undefined {
  if (options === false) return undefined;
  const given = Object.entries(options ?? {}).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...(Object.fromEntries(given) as LimitsOptions) };
}

const count = mustBe('a positive whole number', isCount);

const RULES = {
  failuresPerClient: count,
  failuresPerAddress: count,
  window: mustBe(
    'whole seconds from 1 to 86400',
    (value) => isCount(value) && (value as number) <= 86_400,
  ),
  unknownTokens: mustBe('a share from 0 to 1', (value) => isWithin(value, 1)),
  delay: mustBe('milliseconds from 0 to 10000', (value) => isWithin(value, 10_000)),
  store: mustBe("'memory', 'postgres' or { redis: a connected client }", isStore),
} satisfies Record<keyof LimitsOptions, Rule>;

const limitsObject = objectOf('false or an object', RULES);

/** What `limits` must be. */
export const limits: Rule = (value, name) => (value === false ? [] : limitsObject(value, name));

function isStore(store: unknown): boolean {
  if (store === 'memory' || store === 'postgres') return true;
  const { redis, ...others } = (store ?? {}) as { redis?: unknown };
  return typeof redis === 'object' && redis !== null && Object.keys(others).length === 0;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isWithin(value: unknown, most: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= most;
}
