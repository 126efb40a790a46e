import { Logger } from '@nestjs/common';
import type { OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Connections } from '../persistence/connections.js';
import { tableFaults } from './table-faults.js';
import type { ComparedTable } from './table-faults.js';
import { quoted, tablePathIn } from './table-paths.js';

/** An entity's class. */
export type Entity = new () => object;

/** The columns of each table, in the order of the names; a role needs no privilege for that but USAGE of the schema. */
const ASK_COLUMNS = `
  SELECT (SELECT array_agg(attname::text) FROM pg_attribute
          WHERE attrelid = to_regclass(path) AND attnum > 0 AND NOT attisdropped) AS columns
  FROM unnest($1::text[]) WITH ORDINALITY AS paths (path, at) ORDER BY at`;

/**
 * Compares the tables of our repositories with the database when the application starts. Where they are
 * somebody else's it does not start: an answer could come from rows that mean something else. Where
 * migrations are still to run it starts, because they may run now, and reads fail until then.
 */
export class TableCheck implements OnApplicationBootstrap {
  readonly #logger = new Logger('IntrospectionModule');

  /** @param timeoutMs how long the database may take to answer, in milliseconds */
  constructor(
    private readonly dataSource: DataSource,
    private readonly connections: Connections,
    private readonly entities: readonly Entity[],
    private readonly timeoutMs: number,
  ) {}

  /** @throws Error when the data source lacks an entity, or a table is somebody else's */
  async onApplicationBootstrap(): Promise<void> {
    // The check of the encoding tells of a data source that is not open.
    if (!this.dataSource.isInitialized) return;
    const tables = await this.compare(this.expected());
    const faults = tables && tableFaults(tables, this.dataSource);
    if (faults?.isForeign) throw new Error(faults.message);
    if (faults)
      this.#logger.error(`${faults.message} Until then every introspection is answered 503.`);
  }

  private expected() {
    const { dataSource, entities } = this;
    const lacking = entities.filter((entity) => !dataSource.hasMetadata(entity));
    if (lacking.length > 0) {
      const names = lacking.map(({ name }) => name).join(', ');
      throw new Error(`The data source lacks ${names}: add introspectionEntities to its entities.`);
    }
    const pathOf = tablePathIn(dataSource);
    return entities.map((entity) => {
      const { givenTableName, tablePath, columns } = dataSource.getMetadata(entity);
      const path = pathOf(givenTableName!);
      const written = tablePath.split('.').map(quoted).join('.');
      if (written !== path) {
        throw new Error(
          `TypeORM takes ${written} for the table ${path}: the data source's schema and entityPrefix must ` +
            'have no dots, and its naming strategy must keep names that are given.',
        );
      }
      return { path, expected: columns.map(({ databaseName }) => databaseName) };
    });
  }

  private async compare(
    tables: readonly Omit<ComparedTable, 'found'>[],
  ): Promise<ComparedTable[] | undefined> {
    const query = { text: ASK_COLUMNS, values: [tables.map(({ path }) => path)] };
    try {
      const rows = await this.connections.ask<{ columns: string[] | null }>(query, this.timeoutMs);
      return tables.map((table, at) => ({ ...table, found: rows[at]!.columns }));
    } catch (failure) {
      this.#logger.warn(`Whether the tables are there is not known: ${(failure as Error).message}`);
      return undefined;
    }
  }
}
