import type { MigrationInterface, QueryRunner } from 'typeorm';
import { create, namesFor } from './table-names.js';

/**
 * Remembers which client ids were deleted, and from when on JSON Web Tokens of a client count whose id had
 * been deleted before. A server of the release before reads and writes neither.
 */
export class RememberDeletedClients1767398400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { path, of } = namesFor(queryRunner);
    await create(
      queryRunner,
      `CREATE TABLE ${path('deleted_client')} (
        client_id text CONSTRAINT ${of('deleted_client', 'pkey')} PRIMARY KEY,
        deleted_at timestamptz NOT NULL
      )`,
    );
    await queryRunner.query(`ALTER TABLE ${path('client')} ADD COLUMN tokens_from timestamptz`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const { path } = namesFor(queryRunner);
    await queryRunner.query(`ALTER TABLE ${path('client')} DROP COLUMN tokens_from`);
    await queryRunner.query(`DROP TABLE ${path('deleted_client')}`);
  }
}
