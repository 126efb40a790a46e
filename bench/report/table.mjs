import { UNDER_LOAD, fixed, sum } from './columns.mjs';

/**
 * @typedef {object} Row one comparison
 * @property {string} what
 * @property {number} [reached] a ratio; absent: it was not measured, and `note` says why
 * @property {number} [atLeast] what it must reach, where more is better
 * @property {number} [atMost] what it must stay under, where less is better
 * @property {number} [aim]
 * @property {string} [note]
 */

/**
 * @typedef {object} Breakdown what a request costs, part by part
 * @property {string} title
 * @property {number} digits after the point
 * @property {Record<string, Record<string, number>>} columns for each server, by stage
 */

/**
 * What each lane of a mode did.
 * @typedef {object} Measurements
 * @property {string} title
 * @property {Record<string, object[]>} samples by lane, one a round
 * @property {import('./columns.mjs').Column[]} [columns] absent: those of servers under full load
 */

/**
 * @typedef {object} More
 * @property {Row[]} rows
 * @property {Measurements[]} [tables] what is printed of the samples, where that is not one table
 * @property {Breakdown[]} [breakdowns]
 */

/** @typedef {Measurements & More} Result */

/** The comparisons of all modes. @param {Result[]} results */
export function comparisons(results) {
  const rows = results.flatMap((result) => result.rows);
  return format(
    ['comparison, medians of the rounds', 'reached', 'must', 'aim', ''],
    rows.map((row) => [row.what, times(row.reached), must(row), times(row.aim), verdict(row)]),
    [0, 4],
  );
}

/** A row for each lane. @param {Measurements} measured */
export function measurements({ title, samples, columns = UNDER_LOAD }) {
  const lanes = Object.entries(samples).map(([name, rounds]) => [
    name,
    ...columns.map(({ of }) => of(rounds)),
  ]);
  return format([title, ...columns.map(({ head }) => head)], lanes);
}

/** What a stage must have of the largest total to have a row of its own. */
const LEAST_SHARE = 0.01;

/** The stages from the one that costs most. @param {Breakdown} breakdown */
export function stages({ title, digits, columns }) {
  const servers = Object.values(columns);
  const totals = servers.map((stages) => sum(Object.values(stages)));
  const names = [...new Set(servers.flatMap(Object.keys))];
  const most = (name) => Math.max(...servers.map((stages) => stages[name] ?? 0));
  const isLarge = (name) => most(name) >= LEAST_SHARE * Math.max(...totals);
  const large = names.filter(isLarge).sort((a, b) => most(b) - most(a));
  const shown = servers.map((stages) => large.map((name) => stages[name] ?? 0));
  const rows = large.map((name, at) => [name, ...shown.map((values) => values[at])]);
  rows.push(['what is less than 1 %', ...totals.map((total, at) => total - sum(shown[at]))]);
  rows.push(['in all', ...totals]);
  return format(
    [title, ...Object.keys(columns)],
    rows.map(([name, ...values]) => [name, ...values.map((value) => fixed(value, digits))]),
  );
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
