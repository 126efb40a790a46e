import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Remembers which client ids were deleted, and from when on JSON Web Tokens of a client count whose id had
 * been deleted before. A server of the release before reads and writes neither.
 */
export class RememberDeletedClients1767398400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE deleted_client (
        client_id text CONSTRAINT deleted_client_pkey PRIMARY KEY,
        deleted_at timestamptz NOT NULL
      )`);
    await queryRunner.query('ALTER TABLE client ADD COLUMN tokens_from timestamptz');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE client DROP COLUMN tokens_from');
    await queryRunner.query('DROP TABLE deleted_client');
  }
}
