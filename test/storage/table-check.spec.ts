import { Logger } from '@nestjs/common';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DataSource, DataSourceOptions } from 'typeorm';
import {
  ClientRepository,
  OpaqueTokenRepository,
  introspectionEntities,
  introspectionMigrations,
} from '../../src/index.js';
import type { IntrospectionModuleOptions } from '../../src/index.js';
import { ADAPTERS, PATIENT, startHost } from '../support/host.js';
import { databaseOfHost, dataSourceForTest } from '../support/own-tables.js';
import type { OwnNames } from '../support/own-tables.js';

const OWN_CLIENT = 'CREATE TABLE client (id serial PRIMARY KEY, client_id text, name text)';
const RUN = 'Run the migrations: introspectionMigrations, in the migrations of the data source';

/** A data source on a database in which this SQL was run. */
async function databaseAfter(sql: string, names: OwnNames = {}): Promise<DataSource> {
  const dataSource = await dataSourceForTest(await databaseOfHost([]), names);
  if (sql) await dataSource.query(sql);
  return dataSource;
}

async function migratedDatabase(names: OwnNames = {}): Promise<DataSource> {
  const dataSource = await databaseAfter('', names);
  await dataSource.runMigrations();
  return dataSource;
}

/** Opens it again with other options. */
async function reopen(dataSource: DataSource, options: Partial<DataSourceOptions>): Promise<void> {
  await dataSource.destroy();
  await dataSource.setOptions(options).initialize();
}

/**
 * Starts a host and stops it.
 * @returns what it logged of tables, or else. A host of an earlier test, which did not start, may still log other things.
 */
async function startOn(
  dataSource: DataSource,
  introspection: Partial<IntrospectionModuleOptions> = {},
  door: (typeof ADAPTERS)[number] = 'fastify',
  about = /\btables\b/i,
): Promise<string[]> {
  const logged: string[] = [];
  const note = (message: string) => void logged.push(message);
  const spies = [
    vi.spyOn(Logger.prototype, 'error').mockImplementation(note),
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(note),
  ];
  try {
    const host = await startHost(door, {
      dataSource,
      introspection: { ...PATIENT, ...introspection },
    });
    await host.close();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return logged.filter((line) => about.test(line));
}

describe('A host does not start', () => {
  it.each(ADAPTERS)('where a table is its own, and is told what to do: %s', async (door) => {
    const dataSource = await databaseAfter(OWN_CLIENT);
    await expect(startOn(dataSource, {}, door)).rejects.toThrow(
      'Tables that are somebody else\'s: "client" (lacks enabled, may_introspect, audiences, any_audience, created_at, ' +
        'tokens_from). Give token introspection a data source with a schema or an entityPrefix of its own, and ' +
        'name its token in the option dataSource; the server and the command take DATABASE_SCHEMA. Tables that are missing: ' +
        '"client_secret", "deleted_client", "revoked_jwt", "opaque_token". ' +
        `${RUN}, or "introspection migrate".`,
    );
  });

  it('where the data source lacks entities', async () => {
    const dataSource = await migratedDatabase();
    await reopen(dataSource, { entities: introspectionEntities.slice(0, 2) });
    await expect(startOn(dataSource)).rejects.toThrow(
      'The data source lacks DeletedClientEntity, RevokedJwtEntity, OpaqueTokenEntity: add introspectionEntities to its entities.',
    );
  });

  it.each([
    [{ schema: 'a.b' }, '"a"."b"."client" for the table "a.b"."client"'],
    [{ entityPrefix: 'a.' }, '"a"."client" for the table "a.client"'],
  ])('with names that TypeORM takes apart: %o', async (names, said) => {
    await expect(startOn(await databaseAfter('', names))).rejects.toThrow(`TypeORM takes ${said}`);
  });
});

describe('A host starts, and is told', () => {
  it.each<[what: string, sql: string, names: OwnNames, message: RegExp]>([
    [
      'which tables are missing',
      '',
      {},
      /^Tables that are missing: "client", "client_secret", .*"introspection migrate"\. Until/,
    ],
    [
      'the schema',
      '',
      { schema: 'own' },
      /^Tables that are missing: "own"\."client", .*"introspection migrate" with DATABASE_SCHEMA=own\. /,
    ],
    [
      'no command where it has a prefix',
      '',
      { entityPrefix: 'p_' },
      /^Tables that are missing: "p_client", .*the data source\. Until/,
    ],
    [
      'nor where it has its own table of migrations',
      '',
      { migrationsTableName: 'm' },
      /^Tables that are missing: "client".*the data source\. Until/,
    ],
  ])('%s', async (_what, sql, names, message) => {
    const logged = await startOn(await databaseAfter(sql, names));
    expect(logged).toEqual([expect.stringMatching(message)]);
  });

  it.each(introspectionMigrations.slice(1).map(({ name }, at) => [name, at + 1] as const))(
    'what there was before %s, which is its own',
    async (_name, count) => {
      const dataSource = await databaseAfter('');
      await reopen(dataSource, { migrations: introspectionMigrations.slice(0, count) });
      await dataSource.runMigrations();
      const [said] = await startOn(dataSource, { limits: { store: 'postgres' } });
      expect(said).toMatch(
        /^Tables that are missing: .*Tables of an older release: "client" \(lacks tokens_from\)\. Run/,
      );
      expect(said).not.toContain('somebody else');
    },
  );

  it('why the clients cannot be read', async () => {
    const logged = await startOn(await databaseAfter(''), {}, 'fastify', /\bclients\b/);
    expect(logged).toEqual([
      'The clients cannot be read yet: relation "client_secret" does not exist',
    ]);
  });

  it('that it cannot be told, where the role may not use the schema', async () => {
    const dataSource = await migratedDatabase({ schema: 'own' });
    await dataSource.query('CREATE ROLE nobody_here');
    onTestFinished(() => dataSource.query('DROP ROLE nobody_here').then(() => {}));
    await reopen(dataSource, { extra: { options: '-c role=nobody_here' } });
    expect(await startOn(dataSource)).toContain(
      'Whether the tables are there is not known: permission denied for schema own',
    );
    await reopen(dataSource, { extra: {} });
  });
});

describe('A host starts, and is told nothing', () => {
  it('of tables as they must be', async () => {
    expect(await startOn(await migratedDatabase(), { limits: { store: 'postgres' } })).toEqual([]);
  });

  it('of tables that only its own repositories would need, or other limits', async () => {
    const dataSource = await migratedDatabase();
    await dataSource.query(
      'DROP TABLE authentication_failure, opaque_token, client_secret, client',
    );
    await dataSource.query(OWN_CLIENT);
    const providers = [
      { provide: ClientRepository, useValue: { find: async () => undefined } },
      { provide: OpaqueTokenRepository, useValue: { findByDigest: async () => undefined } },
    ];
    expect(await startOn(dataSource, { providers })).toEqual([]);
  });
});

describe('The migrations', () => {
  it.each([
    ['a table', OWN_CLIENT, 'client'],
    [
      'an index',
      'CREATE TABLE t (exp int); CREATE INDEX revoked_jwt_exp_idx ON t (exp)',
      'revoked_jwt_exp_idx',
    ],
  ])('take no name of %s that the host has, and tell what to do', async (_what, sql, name) => {
    const dataSource = await databaseAfter(sql);
    await expect(dataSource.runMigrations()).rejects.toThrow(
      `relation "${name}" already exists, and these migrations have not made it. Give token introspection a ` +
        'schema of its own: the schema of the data source, DATABASE_SCHEMA for the command; or set an entityPrefix.',
    );
  });
});
