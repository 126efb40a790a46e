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

type NumberOption = Exclude<keyof LimitsOptions, 'store'>;

const NUMBER_RULES: Record<NumberOption, [(value: number) => boolean, string]> = {
  failuresPerClient: [isCount, 'a positive whole number'],
  failuresPerAddress: [isCount, 'a positive whole number'],
  window: [(value) => isCount(value) && value <= 86_400, 'whole seconds from 1 to 86400'],
  unknownTokens: [(value) => value >= 0 && value <= 1, 'a share from 0 to 1'],
  delay: [(value) => value >= 0 && value <= 10_000, 'milliseconds from 0 to 10000'],
};

export function* limitsFaults(options: LimitsOptions | false | undefined): Generator<string> {
  if (options === undefined || options === false) return;
  if (typeof options !== 'object' || options === null) {
    yield 'limits must be false or an object';
    return;
  }
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (name === 'store' || value === undefined) continue;
    const rule = Object.hasOwn(NUMBER_RULES, name) ? NUMBER_RULES[name as NumberOption] : undefined;
    const [isGood, mustBe] = rule ?? [];
    if (!isGood) yield `"limits.${name}" is not an option here`;
    else if (typeof value !== 'number' || !isGood(value)) yield `limits.${name} must be ${mustBe}`;
  }
  if (!isStore(options.store)) {
    yield "limits.store must be 'memory', 'postgres' or { redis: a connected client }";
  }
}

function isStore(store: unknown): boolean {
  if (store === undefined || store === 'memory' || store === 'postgres') return true;
  const { redis } = (store ?? {}) as { redis?: unknown };
  return typeof redis === 'object' && redis !== null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
