import { median } from '../rounds.mjs';

/**
 * A column of a table with a row for each lane.
 * @typedef {object} Column
 * @property {string} head
 * @property {(rounds: object[]) => string} of what it says of a lane's samples
 */

/**
 * A field of the samples: the rounds' median, unless another choice among them says more. Empty where
 * the lane has none.
 * @param {(values: number[]) => number} [choose]
 * @returns {Column}
 */
export function number(head, field, digits = 0, choose = median) {
  const of = (rounds) => {
    const value = choose(rounds.map((sample) => sample[field]));
    return Number.isFinite(value) ? fixed(value, digits) : '';
  };
  return { head, of };
}

export const least = (values) => Math.min(...values);
export const most = (values) => Math.max(...values);
export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** What the main comparisons tell of a server. */
export const UNDER_LOAD = [
  number('requests/s', 'perSecond'),
  number('CPU µs each', 'cpu', 1),
  number('p50 µs', 'p50'),
  number('p99 µs', 'p99'),
  number('RSS MiB', 'memory'),
];

export function fixed(value, digits) {
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
