/**
 * The name among ours that is probably meant: one letter off, or one for every five letters of a long
 * name, or in another case. Two letters that have changed places are one.
 */
export function nearName(given: string, names: readonly string[]): string | undefined {
  const upper = given.toUpperCase();
  const near = names
    .map((name) => ({ name, letters: lettersOff(upper, name.toUpperCase()) }))
    .filter(({ name, letters }) => letters <= Math.max(1, Math.floor(name.length / 5)))
    .sort((a, b) => a.letters - b.letters);
  return near[0]?.name;
}

/** The optimal string alignment distance of two names. */
function lettersOff(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (isSame ? 0 : 1),
        isSwapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
