/** The name that SQL must have for a table of ours: quoted, and with its schema where it has one. */
export type TablePath = (table: string) => string;

/** How rows of one kind are read by key. */
export interface Lookup<Found> {
  /** Names the column of the answer that its rows come in, and the statements that it is part of. */
  readonly name: string;
  /** SQL that selects the rows whose keys are in the array `keys`; the column `key` has each row's key as text. */
  readonly select: (path: TablePath, keys: string) => string;
  /** The keys as the parameter that `keys` names. */
  readonly parameter: (keys: Iterable<string>) => unknown;
  /** What a row means; asked once for each row, however many questions are about it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the row is what `select` made it
  readonly found: (row: any) => Found;
}

/** The parameter for a `text[]`. */
export function textArray(keys: Iterable<string>): string[] {
  return [...keys];
}

/** The parameter for a `bytea[]`, of keys in hexadecimal: the array's text, as Postgres reads it. */
export function byteaArray(keys: Iterable<string>): string {
  let text = '';
  for (const hex of keys) text += `${text === '' ? '' : ','}"\\\\x${hex}"`;
  return `{${text}}`;
}
