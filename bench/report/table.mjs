import { median } from '../rounds.mjs';

/**
 * @typedef {object} Row one comparison
 * @property {string} what
 * @property {number} [reached] a ratio; absent: it was not measured, and `note` says why
 * @property {number} [atLeast] what it must reach, where more is better
 * @property {number} [atMost] what it must stay under, where less is better
 * @property {number} [aim]
 * @property {string} [note]
 */

/** @typedef {{ title: string, samples: import('../rounds.mjs').Samples, rows: Row[] }} Result */

/** The comparisons of all modes. @param {Result[]} results */
export function comparisons(results) {
  const rows = results.flatMap((result) => result.rows);
  return format(
    ['comparison, medians of the rounds', 'reached', 'must', 'aim', ''],
    rows.map((row) => [row.what, times(row.reached), must(row), times(row.aim), verdict(row)]),
    [0, 4],
  );
}

/** What each lane of a mode did. @param {Result} result */
export function measurements({ title, samples }) {
  const lanes = Object.entries(samples).map(([name, rounds]) => {
    const of = (field, digits = 0) => {
      const value = median(rounds.map((sample) => sample[field]));
      return Number.isFinite(value) ? fixed(value, digits) : '';
    };
    return [name, of('perSecond'), of('cpu', 1), of('p50'), of('p99'), of('memory')];
  });
  return format([title, 'requests/s', 'CPU µs each', 'p50 µs', 'p99 µs', 'RSS MiB'], lanes);
}

function must({ atLeast, atMost }) {
  if (atLeast !== undefined) return `≥ ${times(atLeast)}`;
  return atMost === undefined ? 'reported' : `≤ ${times(atMost)}`;
}

function verdict({ reached, atLeast, atMost, aim, note }) {
  if (reached === undefined) return note ?? '';
  const holds = (limit) => (atMost === undefined ? reached >= limit : reached <= limit);
  const limit = atLeast ?? atMost;
  const said = limit === undefined ? '' : holds(aim) ? 'aim' : holds(limit) ? 'must' : 'MISSED';
  return [said, note].filter(Boolean).join(': ');
}

function times(value) {
  return value === undefined ? '' : `${value.toFixed(2)}×`;
}

function fixed(value, digits) {
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A table in Markdown, its columns straight in a terminal too. */
function format(head, rows, texts = [0]) {
  const lines = [head, ...rows];
  const widths = head.map((_, at) => Math.max(3, ...lines.map((cells) => cells[at].length)));
  const pad = (text, at) =>
    texts.includes(at) ? text.padEnd(widths[at]) : text.padStart(widths[at]);
  const line = (cells) => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map(
    (width, at) => `${'-'.repeat(width - 1)}${texts.includes(at) ? '-' : ':'}`,
  );
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}
