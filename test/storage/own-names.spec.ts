import { describe, expect, it, onTestFinished } from 'vitest';
import type { DataSource } from 'typeorm';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import {
  IntrospectionService,
  TypeOrmClientRepository,
  TypeOrmJwtRevocationRepository,
  TypeOrmOpaqueTokenRepository,
  introspectionEntities,
  introspectionMigrations,
} from '../../src/index.js';
import { ADAPTERS, ISSUER, startHost } from '../support/host.js';
import type { Adapter, HostOptions } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import { OUR_TABLES, OWN_NAMES, dataSourceForTest, databaseOfHost } from '../support/own-tables.js';
import { preparedStatements } from '../support/connections.js';
import { eventually } from '../support/programs.js';
import { expectActive, expectInactive, inAnHour } from '../support/world.js';

const LONG_AGO = 1;

/** The story of a token service, through the door. Every table of ours is written and read. */
async function tellTheStory(door: Adapter, dataSource: DataSource, options: HostOptions = {}) {
  const key = await signingKey('ES256');
  const host = await startHost(door, {
    ...options,
    introspection: {
      jwks: { keys: [key.public] },
      limits: { store: 'postgres' },
      ...options.introspection,
    },
  });
  onTestFinished(() => host.close());
  const clients = host.app.get(TypeOrmClientRepository);
  const tokens = host.app.get(TypeOrmOpaqueTokenRepository);
  const service = host.app.get(IntrospectionService);
  const { clientSecret } = await clients.create({ clientId: 'rs', anyAudience: true });
  await clients.create({ clientId: 'app' });
  const introspect = (token: string, secret = clientSecret) =>
    ask(host.origin, {
      headers: [...FORM, 'Authorization', basic('rs', secret)],
      body: new URLSearchParams({ token }).toString(),
    });
  const jwt = () => {
    const claims = { iss: ISSUER, client_id: 'app', exp: inAnHour(), iat: inAnHour() - 3600 };
    return sign(key, { ...claims, jti: crypto.randomUUID() });
  };

  const opaque = await tokens.issue({ clientId: 'app', exp: inAnHour() });
  const signed = await jwt();
  for (const token of [opaque, signed]) {
    expectActive(await introspect(token));
    await service.revoke(token);
    expectInactive(await introspect(token));
  }

  const old = await jwt();
  await clients.delete('app');
  await clients.create({ clientId: 'app' });
  expectInactive(await introspect(old));

  await tokens.issue({ clientId: 'app', exp: LONG_AGO });
  expect(await tokens.purge(10)).toBe(1);
  const revocations = host.app.get(TypeOrmJwtRevocationRepository);
  await revocations.revoke(Buffer.alloc(32), LONG_AGO);
  await revocations.revoke(Buffer.alloc(32), LONG_AGO + 1);
  expect(await revocations.purge(10)).toBe(1);

  expect((await introspect(opaque, 'wrong')).status).toBe(401);
  const failures = `SELECT count(*)::int AS count FROM ${pathIn(dataSource, 'authentication_failure')}`;
  await eventually(async () => {
    const [row] = await dataSource.query<{ count: number }[]>(failures);
    return row!.count === 2;
  });
}

function pathIn({ options }: DataSource, table: string): string {
  const { schema = 'public', entityPrefix = '' } = options as {
    schema?: string;
    entityPrefix?: string;
  };
  return `"${schema}"."${entityPrefix}${table}"`;
}

/** The tables of each schema. */
async function tablesIn(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ path: string }[]>(
    `SELECT format('"%s"."%s"', table_schema, table_name) AS path FROM information_schema.tables
     WHERE table_schema IN ('public', 'own') ORDER BY 1`,
  );
  return rows.map(({ path }) => path);
}

describe.each(OWN_NAMES)('A data source with %s', (_what, names, taken) => {
  it('has our tables under its own names, up, down and up, beside those of the host', async () => {
    const dataSource = await dataSourceForTest(await databaseOfHost(taken), names);
    const before = await tablesIn(dataSource);
    const ours = OUR_TABLES.map((table) => pathIn(dataSource, table));
    const migrations = names.migrationsTableName ?? 'migrations';
    const all = [...before, ...ours, `"${names.schema ?? 'public'}"."${migrations}"`].toSorted();
    await dataSource.runMigrations();
    expect((await tablesIn(dataSource)).toSorted()).toEqual(all);
    for (const _ of introspectionMigrations) await dataSource.undoLastMigration();
    expect((await tablesIn(dataSource)).filter((table) => ours.includes(table))).toEqual([]);
    await dataSource.runMigrations();
    expect(await dataSource.showMigrations()).toBe(false);
    expect((await tablesIn(dataSource)).toSorted()).toEqual(all);

    const difference = await dataSource.driver.createSchemaBuilder().log();
    expect(difference.upQueries.map(({ query }) => query)).toEqual([]);
  });

  it.each(ADAPTERS)('serves from there: %s', async (door) => {
    const dataSource = await dataSourceForTest(await databaseOfHost(taken), names);
    await dataSource.runMigrations();
    await tellTheStory(door, dataSource, { dataSource });
    for (const schema of taken) {
      expect(await dataSource.query(`SELECT name FROM ${schema}.client`)).toEqual([
        { name: 'of the host' },
      ]);
    }
  });
});

describe('Two data sources on one database', () => {
  it('share no table, no purge and no prepared statement', async () => {
    const url = await databaseOfHost([]);
    const prefixed = { entityPrefix: 'b_', migrationsTableName: 'b_migrations' };
    const [one, other] = [await dataSourceForTest(url, {}), await dataSourceForTest(url, prefixed)];
    for (const dataSource of [one, other]) await dataSource.runMigrations();
    for (const [dataSource, clientId] of [
      [one, 'a'],
      [other, 'b'],
    ] as const) {
      const clients = new TypeOrmClientRepository(dataSource);
      await clients.create({ clientId });
      expect(await clients.find(clientId)).toBeDefined();
    }
    expect(await new TypeOrmClientRepository(one).find('b')).toBeUndefined();
    expect(await new TypeOrmClientRepository(other).find('a')).toBeUndefined();
    const [ofOne, ofOther] = [await preparedStatements(one), await preparedStatements(other)];
    expect(new Set([...ofOne, ...ofOther]).size).toBe(ofOne.length + ofOther.length);
    expect([ofOne.length, ofOther.length]).not.toContain(0);

    const tokens = new TypeOrmOpaqueTokenRepository(other);
    await tokens.issue({ clientId: 'b', exp: LONG_AGO });
    await one.transaction(async (manager) => {
      await manager.query("SELECT pg_advisory_xact_lock(7662, 'opaque_token'::regclass::oid::int)");
      expect(await new TypeOrmOpaqueTokenRepository(one).purge(10)).toBeUndefined();
      expect(await tokens.purge(10)).toBe(1);
    });
  });

  it.each(ADAPTERS)('are the host’s and ours, which is named by its token: %s', async (door) => {
    const url = await databaseOfHost(['public']);
    const own = await dataSourceForTest(url, { schema: 'own' });
    await own.runMigrations();
    await tellTheStory(door, own, {
      module: {
        imports: [
          TypeOrmModule.forRoot({ type: 'postgres', url, entities: [] }),
          TypeOrmModule.forRoot({
            name: 'introspection',
            type: 'postgres',
            url,
            schema: 'own',
            entities: introspectionEntities,
            migrations: introspectionMigrations,
            migrationsRun: true,
          }),
        ],
      },
      introspection: { dataSource: getDataSourceToken('introspection') as string },
    });
  });
});
