import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the table of failed authentications, for hosts that count them in Postgres. The table is
 * unlogged: Postgres writes no write-ahead log for a failure, and after a crash or a failover the counts
 * begin again at zero.
 */
export class CreateAuthenticationFailures1767312000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE UNLOGGED TABLE authentication_failure (
        key text CONSTRAINT authentication_failure_pkey PRIMARY KEY,
        points integer NOT NULL,
        expire bigint
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE authentication_failure');
  }
}
