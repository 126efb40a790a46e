/** What the requests of all rounds were answered with, the most frequent first. */
export function answersOf(rounds) {
  const all = {};
  for (const { answers, unanswered } of rounds) {
    for (const [status, count] of Object.entries({ ...answers, none: unanswered })) {
      all[status] = (all[status] ?? 0) + count;
    }
  }
  const total = Object.values(all).reduce((sum, count) => sum + count);
  return Object.entries(all)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([status, count]) =>
      count === total ? status : `${status} ${((count / total) * 100).toFixed(1)} %`,
    )
    .join(', ');
}
