import { InvalidArgumentError } from 'commander';
import { parseStrictObject } from '../../src/jwt/strict-json.js';

/** Parses an option's value that is a number of seconds or rows. @throws InvalidArgumentError */
export function atLeast(least: number) {
  return (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (value >= least) return value;
    throw new InvalidArgumentError(`it must be a whole number, at least ${least}.`);
  };
}

/** Parses an option's value that is a JSON object. @throws InvalidArgumentError */
export function jsonObject(text: string): Record<string, unknown> {
  const value = parseStrictObject(text);
  if (value) return value;
  throw new InvalidArgumentError('it must be a JSON object, with no member twice.');
}

/** Adds the value of an option that the operator can give several times. */
export function collect(value: string, earlier: readonly string[] | false | undefined): string[] {
  return [...(earlier || []), visible(value)];
}

// oxlint-disable-next-line no-control-regex -- it finds control characters
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** Accepts a text that is not empty and has no control characters, which RFC 7617 §2 forbids in HTTP Basic. */
export function visible(text: string): string {
  if (text !== '' && !CONTROL_CHARACTER.test(text)) return text;
  throw new InvalidArgumentError('it must not be empty, nor have control characters.');
}
