import type { DataSource, QueryRunner } from 'typeorm';

/** Names a table of ours as SQL must: quoted, with the schema if the data source has one. */
export type TablePath = (table: string) => string;

/**
 * How our tables are named in a data source: as its entities are, in its `schema` and with its
 * `entityPrefix`. Without a schema a table is looked for, and made, along the connection's search path.
 */
export function tablePathIn(dataSource: DataSource): TablePath {
  return (table) => {
    const { schema } = dataSource.options as { readonly schema?: string };
    const name = quoted(prefixed(dataSource, table));
    return schema ? `${quoted(schema)}.${name}` : name;
  };
}

/** A table's name with the data source's `entityPrefix`, not quoted. */
export function prefixed({ options, namingStrategy }: DataSource, table: string): string {
  const { entityPrefix } = options;
  return entityPrefix ? namingStrategy.prefixTableName(entityPrefix, table) : table;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/**
 * The names that a migration uses. What shares the names of tables in a schema, an index or a primary key,
 * begins with its table's whole name, so that nothing clashes with what the host has.
 */
export function namesFor({ connection }: QueryRunner) {
  return {
    path: tablePathIn(connection),
    /** The quoted name of what belongs to a table. */
    of: (table: string, suffix: string) => quoted(`${prefixed(connection, table)}_${suffix}`),
  };
}

/** Runs a statement that creates a table or an index. @throws Error that says what to do when the name is taken */
export async function create(queryRunner: QueryRunner, sql: string): Promise<void> {
  try {
    await queryRunner.query(sql);
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    if (code !== DUPLICATE_TABLE) throw error;
    throw new Error(
      `${message}, and these migrations have not made it. Give token introspection a schema of its own: ` +
        'the schema of the data source, DATABASE_SCHEMA for the command; or set an entityPrefix.',
      { cause: error },
    );
  }
}

const DUPLICATE_TABLE = '42P07';
