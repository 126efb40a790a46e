import { resolve } from 'node:path';

/** How the values of a variable are written, and which of them are right. */
export interface Kind<T> {
  /** What a right value is: the end of the sentence "NAME must be …". */
  readonly mustBe: string;
  /** A list: with commas in a variable, a JSON array in the file. */
  readonly isList?: true;
  /** A variable's text as the value that stands for it in the file. */
  fromText(text: string): unknown;
  /**
   * @param folder where a relative path starts
   * @returns the value; `undefined` or a `Wrong` when it is not right
   */
  check(value: unknown, folder: string): T | Wrong | undefined;
}

/** What exactly is wrong with a value. It never quotes the value, which may be a secret. */
export class Wrong {
  constructor(readonly detail: string) {}
}

/** A text that passes the check. */
export function text(mustBe: string, isRight: (text: string) => boolean): Kind<string> {
  return {
    mustBe,
    fromText: (given) => given,
    check: (value) => (typeof value === 'string' && isRight(value) ? value : undefined),
  };
}

export function wholeNumber(least: number, most: number, unit?: string): Kind<number> {
  return {
    mustBe: `a whole number ${unit ? `of ${unit} ` : ''}from ${least} to ${most}`,
    fromText: (given) => (/^\d{1,9}$/.test(given) ? Number(given) : undefined),
    check: (value) => (Number.isInteger(value) && isWithin(value, least, most) ? value : undefined),
  };
}

/** A part of a whole: 0 is nothing, 1 is all. */
export const share: Kind<number> = {
  mustBe: 'a number from 0 to 1, such as 0.5',
  fromText: (given) => (/^\d(\.\d{1,9})?$/.test(given) ? Number(given) : undefined),
  check: (value) => (isWithin(value, 0, 1) ? value : undefined),
};

export const trueOrFalse: Kind<boolean> = {
  mustBe: 'true or false',
  fromText: (given) => (given === 'true' || given === 'false' ? given === 'true' : undefined),
  check: (value) => (typeof value === 'boolean' ? value : undefined),
};

export function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  return {
    mustBe: `one of ${values.join(', ')}`,
    fromText: (given) => given,
    check: (value) => values.find((one) => one === value),
  };
}

/** An absolute path. A relative one starts at the working directory, or in the file at the file's folder. */
export const path: Kind<string> = {
  mustBe: 'a path',
  fromText: (given) => given,
  check: (value, folder) =>
    typeof value === 'string' && value !== '' && !value.includes('\0')
      ? resolve(folder, value)
      : undefined,
};

/** @param least the fewest entries. Default: 0. */
export function list<T extends string>(
  mustBe: string,
  isRight: (entry: string) => entry is T,
  least?: number,
): Kind<readonly T[]>;
export function list(
  mustBe: string,
  isRight: (entry: string) => boolean,
  least?: number,
): Kind<readonly string[]>;
export function list(mustBe: string, isRight: (entry: string) => boolean, least = 0) {
  return {
    mustBe,
    isList: true,
    fromText: (given) => given.split(',').map((entry) => entry.trim()),
    check: (value) => {
      if (!Array.isArray(value)) return undefined;
      if (value.length < least) return new Wrong('there is none');
      const entries: readonly unknown[] = value;
      const at = entries.findIndex((entry) => typeof entry !== 'string' || !isRight(entry));
      return at < 0 ? (entries as readonly string[]) : new Wrong(`number ${at + 1} is not`);
    },
  } satisfies Kind<readonly string[]>;
}

export const FETCHABLE_URL = 'an http:// or https:// URL without a user or a password';

export function isHttpUrl(given: unknown): given is string {
  return typeof given === 'string' && isUrlWith(['http:', 'https:'], given);
}

export function isUrlWith(protocols: readonly string[], given: string): boolean {
  return URL.canParse(given) && protocols.includes(new URL(given).protocol);
}

/** Whether it can be an issuer identifier: those of others need not be URLs. */
export function isIssuer(given: unknown): given is string {
  return typeof given === 'string' && /^[\x21-\x7e]+$/.test(given);
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}
