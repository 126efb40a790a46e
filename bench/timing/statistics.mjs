import jstat from 'jstat';
import { median } from '../rounds.mjs';

const { jStat } = jstat;

/**
 * Every two cases of a group against each other, round by round, as a table in Markdown.
 * @param {Map<string, Float64Array>} samples
 */
export function comparison(title, samples) {
  const cases = [...samples];
  const rows = cases.flatMap(([one, times], at) =>
    cases.slice(at + 1).map(([other, others]) => {
      const differences = Array.from(times, (time, round) => time - others[round]);
      const { p, effect } = signedRanks(differences);
      return [
        `${one} / ${other}`,
        p < 0.0001 ? '< 0.0001' : p.toFixed(4),
        effect.toFixed(3),
        `${median(differences).toFixed(1)} µs`,
        `${median(times).toFixed(0)} / ${median(others).toFixed(0)} µs`,
      ];
    }),
  );
  const rounds = cases[0][1].length.toLocaleString('en');
  return [
    `| ${title}, ${rounds} rounds | p | effect | difference | medians |`,
    '| - | -: | -: | -: | -: |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

/**
 * Wilcoxon's signed-rank test, two-sided, for many pairs.
 * @returns its p-value, and the rank-biserial correlation as the effect size: from −1, the first is
 *   always faster, by way of 0, they are alike, to 1, the second is
 */
function signedRanks(differences) {
  const pairs = differences.filter((difference) => difference !== 0);
  const count = pairs.length;
  const ranks = ranksOf(pairs.map(Math.abs));
  const positive = jStat.sum(ranks.filter((_rank, at) => pairs[at] > 0));
  const total = (count * (count + 1)) / 2;
  const deviation = Math.sqrt((total * (2 * count + 1)) / 12);
  const z = Math.abs(positive - total / 2) / deviation;
  return { p: 2 * (1 - jStat.normal.cdf(z, 0, 1)), effect: (2 * positive) / total - 1 };
}

/** From 1 for the least. Times in nanoseconds are hardly ever equal, so ties have no care taken. */
function ranksOf(values) {
  const ranks = new Float64Array(values.length);
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  for (const [rank, at] of order.entries()) ranks[at] = rank + 1;
  return Array.from(ranks);
}
