import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The table of failed authentications, for those who share their limits through Postgres. It is not
 * logged: after a crash or a failover counting begins anew, and a failure costs no write-ahead log.
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
