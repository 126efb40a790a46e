import type { MigrationInterface, QueryRunner } from 'typeorm';
import { create, namesFor } from './table-names.js';

/**
 * Creates the four tables of token introspection. The fill factor leaves room on each page for heap-only
 * updates. With the autovacuum settings, Postgres keeps up with tables in which every row is deleted soon.
 */
export class CreateIntrospectionTables1767225600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { path, of } = namesFor(queryRunner);
    await create(
      queryRunner,
      `CREATE TABLE ${path('client')} (
        client_id text CONSTRAINT ${of('client', 'pkey')} PRIMARY KEY,
        name text,
        enabled boolean NOT NULL DEFAULT true,
        may_introspect boolean NOT NULL DEFAULT true,
        audiences text[] NOT NULL DEFAULT '{}',
        any_audience boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      )`,
    );
    await create(
      queryRunner,
      `CREATE TABLE ${path('client_secret')} (
        client_id text NOT NULL,
        hash text NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ${of('client_secret', 'pkey')} PRIMARY KEY (client_id, hash),
        CONSTRAINT client_secret_client_id_fkey
          FOREIGN KEY (client_id) REFERENCES ${path('client')} (client_id) ON DELETE CASCADE
      )`,
    );
    await create(
      queryRunner,
      `CREATE TABLE ${path('opaque_token')} (
        token_hash bytea CONSTRAINT ${of('opaque_token', 'pkey')} PRIMARY KEY,
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
          FOREIGN KEY (client_id) REFERENCES ${path('client')} (client_id) ON DELETE CASCADE
      ) WITH (
        fillfactor = 90,
        autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_insert_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.05
      )`,
    );
    await create(
      queryRunner,
      `CREATE INDEX ${of('opaque_token', 'exp_idx')} ON ${path('opaque_token')} (exp)`,
    );
    await create(
      queryRunner,
      `CREATE INDEX ${of('opaque_token', 'client_id_idx')} ON ${path('opaque_token')} (client_id)`,
    );
    await create(
      queryRunner,
      `CREATE TABLE ${path('revoked_jwt')} (
        hash bytea CONSTRAINT ${of('revoked_jwt', 'pkey')} PRIMARY KEY,
        exp bigint,
        revoked_at timestamptz NOT NULL DEFAULT now()
      ) WITH (autovacuum_vacuum_scale_factor = 0.02)`,
    );
    await create(
      queryRunner,
      `CREATE INDEX ${of('revoked_jwt', 'exp_idx')} ON ${path('revoked_jwt')} (exp)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const { path } = namesFor(queryRunner);
    for (const table of ['revoked_jwt', 'opaque_token', 'client_secret', 'client']) {
      await queryRunner.query(`DROP TABLE ${path(table)}`);
    }
  }
}
