import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Creates the four tables of token introspection, in the first schema of the connection's search
 * path. The fill factor leaves room on each page for heap-only updates. With the autovacuum settings,
 * Postgres keeps up with tables in which every row is deleted soon.
 */
export class CreateIntrospectionTables1767225600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE client (
        client_id text CONSTRAINT client_pkey PRIMARY KEY,
        name text,
        enabled boolean NOT NULL DEFAULT true,
        may_introspect boolean NOT NULL DEFAULT true,
        audiences text[] NOT NULL DEFAULT '{}',
        any_audience boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(`
      CREATE TABLE client_secret (
        client_id text NOT NULL,
        hash text NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT client_secret_pkey PRIMARY KEY (client_id, hash),
        CONSTRAINT client_secret_client_id_fkey
          FOREIGN KEY (client_id) REFERENCES client (client_id) ON DELETE CASCADE
      )`);
    await queryRunner.query(`
      CREATE TABLE opaque_token (
        token_hash bytea CONSTRAINT opaque_token_pkey PRIMARY KEY,
        client_id text NOT NULL,
        username text,
        sub text,
        scope text,
        aud text[] NOT NULL DEFAULT '{}',
        iss text,
        iat bigint,
        nbf bigint,
        exp bigint,
        jti text,
        token_type text NOT NULL DEFAULT 'Bearer',
        cnf jsonb,
        claims jsonb,
        extended_claims jsonb,
        revoked_at timestamptz,
        CONSTRAINT opaque_token_client_id_fkey
          FOREIGN KEY (client_id) REFERENCES client (client_id) ON DELETE CASCADE
      ) WITH (
        fillfactor = 90,
        autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_insert_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.05
      )`);
    await queryRunner.query('CREATE INDEX opaque_token_exp_idx ON opaque_token (exp)');
    await queryRunner.query('CREATE INDEX opaque_token_client_id_idx ON opaque_token (client_id)');
    await queryRunner.query(`
      CREATE TABLE revoked_jwt (
        hash bytea CONSTRAINT revoked_jwt_pkey PRIMARY KEY,
        exp bigint,
        revoked_at timestamptz NOT NULL DEFAULT now()
      ) WITH (autovacuum_vacuum_scale_factor = 0.02)`);
    await queryRunner.query('CREATE INDEX revoked_jwt_exp_idx ON revoked_jwt (exp)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE revoked_jwt');
    await queryRunner.query('DROP TABLE opaque_token');
    await queryRunner.query('DROP TABLE client_secret');
    await queryRunner.query('DROP TABLE client');
  }
}
