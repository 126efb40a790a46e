import { Index } from 'typeorm';

/** What TypeORM knows of an index while it asks for its columns; it takes the name afterwards. */
interface IndexInTheMaking {
  givenName?: string;
  readonly entityMetadata: { readonly tableName: string };
}

/**
 * An index whose name begins with its table's, `entityPrefix` included, as in the migrations: all indexes of
 * a schema share their names, and TypeORM puts the prefix before the names of tables alone.
 */
export function IndexOf(table: string, columns: string[], suffix: string): ClassDecorator {
  function columnsFor(this: IndexInTheMaking | undefined) {
    if (this) this.givenName = `${this.entityMetadata.tableName}_${suffix}`;
    return columns;
  }
  return Index(`${table}_${suffix}`, columnsFor);
}
