import type { DataSource } from 'typeorm';

/** A table of ours: what it should be, and what Postgres has under its name. */
export interface ComparedTable {
  /** The quoted name. */
  readonly path: string;
  readonly expected: readonly string[];
  /** null: there is no such table. */
  readonly found: readonly string[] | null;
}

/** What is wrong with our tables, and what to do about it. */
export interface TableFaults {
  readonly message: string;
  /** Whether a table is somebody else's, which no migration can mend. */
  readonly isForeign: boolean;
}

/** Columns that a later migration has added. A table that lacks only those is ours, from before it. */
const ADDED_LATER: readonly string[] = ['tokens_from'];

const TABLES_OF_ITS_OWN =
  'Give token introspection a data source with a schema or an entityPrefix of its own, and name its token ' +
  'in the option dataSource; the server and the command take DATABASE_SCHEMA.';

/** @returns `undefined` when every table is as it should be */
export function tableFaults(
  tables: readonly ComparedTable[],
  { options }: DataSource,
): TableFaults | undefined {
  const missing = tables.filter(({ found }) => !found).map(({ path }) => path);
  const [foreign, older]: [string[], string[]] = [[], []];
  for (const { path, expected, found } of tables) {
    const lacking = found ? expected.filter((column) => !found.includes(column)) : [];
    if (lacking.length === 0) continue;
    const isOurs = lacking.every((column) => ADDED_LATER.includes(column));
    (isOurs ? older : foreign).push(`${path} (lacks ${lacking.join(', ')})`);
  }
  const parts = [
    ...(foreign.length > 0
      ? [`Tables that are somebody else's: ${foreign.join(', ')}. ${TABLES_OF_ITS_OWN}`]
      : []),
    ...(missing.length > 0 ? [`Tables that are missing: ${missing.join(', ')}.`] : []),
    ...(older.length > 0 ? [`Tables of an older release: ${older.join(', ')}.`] : []),
    ...(missing.length + older.length > 0 ? [howToMigrate(options)] : []),
  ];
  if (parts.length === 0) return undefined;
  return { message: parts.join(' '), isForeign: foreign.length > 0 };
}

function howToMigrate(options: DataSource['options']): string {
  const own = 'Run the migrations: introspectionMigrations, in the migrations of the data source';
  const { schema } = options as { readonly schema?: string };
  // The command knows neither a prefix nor another table of migrations.
  if (options.entityPrefix || options.migrationsTableName) return `${own}.`;
  return `${own}, or "introspection migrate"${schema ? ` with DATABASE_SCHEMA=${schema}` : ''}.`;
}
