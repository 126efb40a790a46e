import type { MigrationInterface, QueryRunner } from 'typeorm';
import { create, namesFor } from './table-names.js';

/**
 * Creates the table of failed authentications, for hosts that count them in Postgres. The table is
 * unlogged: Postgres writes no write-ahead log for a failure, and after a crash or a failover the counts
 * begin again at zero.
 */
export class CreateAuthenticationFailures1767312000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { path, of } = namesFor(queryRunner);
    await create(
      queryRunner,
      `CREATE UNLOGGED TABLE ${path('authentication_failure')} (
        key text CONSTRAINT ${of('authentication_failure', 'pkey')} PRIMARY KEY,
        points integer NOT NULL,
        expire bigint
      )`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const { path } = namesFor(queryRunner);
    await queryRunner.query(`DROP TABLE ${path('authentication_failure')}`);
  }
}
