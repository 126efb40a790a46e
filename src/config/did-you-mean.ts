/**
 * The name that is probably meant by an unknown one: one letter off, or one for every five letters of a
 * long name, or written in another case. Two letters that have changed places are one.
 */
export function nearName(given: string, names: readonly string[]): string | undefined {
  const asked = plain(given);
  let best: { name: string; letters: number } | undefined;
  for (const name of names) {
    const known = plain(name);
    const most = Math.max(1, Math.floor(name.length / 5));
    if (Math.abs(known.length - asked.length) > most) continue;
    const letters = lettersOff(asked, known);
    if (letters <= most && letters < (best?.letters ?? Infinity)) best = { name, letters };
  }
  return best?.name;
}

/** `issuer_aliases` and `IssuerAliases` are `issuerAliases`. */
function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/** The optimal string alignment distance of two names. */
function lettersOff(a: string, b: string): number {
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
