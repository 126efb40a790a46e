import { InvalidArgumentError } from 'commander';
import { parseStrictObject } from '../../src/jwt/strict-json.js';

/** A number of seconds or things, as an option's value. @throws InvalidArgumentError */
export function atLeast(least: number) {
  return (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (value >= least) return value;
    throw new InvalidArgumentError(`it must be a whole number, at least ${least}.`);
  };
}

/** A JSON object as an option's value. @throws InvalidArgumentError */
export function jsonObject(text: string): Record<string, unknown> {
  const value = parseStrictObject(text);
  if (value) return value;
  throw new InvalidArgumentError('it must be a JSON object, with no member twice.');
}

/** An option that can be given several times. */
export function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, visible(value)];
}

// oxlint-disable-next-line no-control-regex -- that is what it is for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** A text that is not empty and has no control characters: HTTP Basic cannot carry them. */
export function visible(text: string): string {
  if (text !== '' && !CONTROL_CHARACTER.test(text)) return text;
  throw new InvalidArgumentError('it must not be empty, nor have control characters.');
}
