/** Most changes of one letter (added, left out, replaced, two swapped) that a slip of the hand is taken for. */
const MOST_CHANGES = 2;

/** The name that was probably meant by one that is unknown. @returns `undefined` when none is near */
export function nearest(unknown: string, names: readonly string[]): string | undefined {
  const asked = plain(unknown);
  let best: { name: string; changes: number } | undefined;
  for (const name of names) {
    const known = plain(name);
    // Half of a short name is another name.
    const most = Math.min(MOST_CHANGES, Math.floor((known.length - 1) / 2));
    if (Math.abs(known.length - asked.length) > most) continue;
    const changes = distance(asked, known);
    if (changes <= most && changes < (best?.changes ?? Infinity)) best = { name, changes };
  }
  return best?.name;
}

/** `issuer_aliases` and `IssuerAliases` are `issuerAliases`. */
function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/** The optimal string alignment distance. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? beforeLast[j - 2]! + 1 : Infinity;
      row[j] = Math.min(row[j - 1]! + 1, last[j]! + 1, replaced, swapped);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
