import { expect, it, onTestFinished } from 'vitest';
import type { DataSource } from 'typeorm';
import { blocks } from '../../scripts/samples.mjs';
import { databaseForTest } from '../support/database.js';
import { emptyDatabase } from '../support/empty-database.js';
import { FORM, ask, basic } from '../support/http.js';
import { dataSourceForTest } from '../support/own-tables.js';
import { cliJson, eventually, serverForTest } from '../support/programs.js';
import type { Variables } from '../support/programs.js';
import { expectActive } from '../support/world.js';

const sql = new Map((await blocks()).map(({ page, name, code }) => [`${page}/${name}`, code]));
const SERVER = { username: 'introspection_server', password: 'and change this' };
const ADMIN = { username: 'introspection_admin', password: 'change this' };

const as = (url: string, role: typeof SERVER) => Object.assign(new URL(url), role).href;

/** The server answers, is ready and says nothing of its tables, on what the command has written. */
async function serves(server: Variables, command: Variables) {
  const args = ['client', 'create', 'rs', '--any-audience'];
  const { client_secret } = await cliJson<{ client_secret: string }>(args, command);
  const { access_token: token } = await cliJson<{ access_token: string }>(
    ['token', 'issue', '--client', 'rs'],
    command,
  );
  const issuer = { ISSUER: 'http://localhost:3000' };
  const { origin, output } = await serverForTest({ ...server, ...issuer, LIMITS: 'postgres' });
  const introspect = (secret: string) =>
    ask(origin, {
      headers: [...FORM, 'Authorization', basic('rs', secret)],
      body: `token=${token}`,
    });
  expectActive(await introspect(client_secret));
  expect((await ask(origin, { method: 'GET', path: '/health/ready' })).status).toBe(200);
  expect((await introspect('wrong')).status).toBe(401);
  return { output, client_secret, token };
}

/** Removes the roles, which all databases share, with what they have in this one. */
function rolesOf(admin: DataSource): void {
  onTestFinished(async () => {
    await admin.query('DROP OWNED BY introspection_server');
    await admin.query('DROP OWNED BY introspection_admin CASCADE');
    await admin.query('DROP ROLE introspection_server, introspection_admin');
  });
}

async function failuresIn(dataSource: DataSource, table: string): Promise<number> {
  return (await dataSource.query<unknown[]>(`SELECT 1 FROM ${table}`)).length;
}

it('The roles of docs/operating.md suffice for the command and the server', async () => {
  const url = await emptyDatabase();
  const admin = await dataSourceForTest(url, {});
  await admin.query(sql.get('operating/roles')!);
  rolesOf(admin);
  const schema = { DATABASE_SCHEMA: 'introspection' };
  const command = { DATABASE_URL: as(url, ADMIN), ...schema };
  await cliJson(['migrate'], command);
  const owner = await dataSourceForTest(as(url, ADMIN), {});
  await owner.query(sql.get('operating/shared-limits')!);

  const { output, token } = await serves({ DATABASE_URL: as(url, SERVER), ...schema }, command);
  await eventually(
    async () => (await failuresIn(admin, 'introspection.authentication_failure')) === 2,
  );
  expect(output()).not.toMatch(/permission denied|not shared|not known|Tables that/);

  const server = await dataSourceForTest(as(url, SERVER), {});
  for (const forbidden of [
    'UPDATE introspection.client SET enabled = false',
    'DELETE FROM introspection.revoked_jwt',
    'INSERT INTO introspection.migrations VALUES (9, 9, 9)',
    'CREATE TABLE introspection.mine (a int)',
  ]) {
    await expect(server.query(forbidden), forbidden).rejects.toThrow('permission denied');
  }

  for (const args of [
    ['client', 'rotate-secret', 'rs'],
    ['client', 'disable', 'rs'],
    ['client', 'list'],
    ['token', 'revoke', token],
    ['token', 'purge'],
    ['client', 'delete', 'rs'],
    ['migrate', '--revert'],
    ['migrate'],
  ]) {
    await cliJson(args, command);
  }
});

it('What docs/operating.md grants on tables that are there is what the server reads', async () => {
  const { url, dataSource } = await databaseForTest();
  await dataSource.query(sql.get('operating/roles')!);
  rolesOf(dataSource);
  await dataSource.query(sql.get('operating/existing-tables')!);
  const limits =
    'GRANT SELECT, INSERT, UPDATE, DELETE ON authentication_failure TO introspection_server';
  await dataSource.query(limits);
  const { output } = await serves({ DATABASE_URL: as(url, SERVER) }, { DATABASE_URL: url });
  await eventually(async () => (await failuresIn(dataSource, 'authentication_failure')) === 2);
  expect(output()).not.toMatch(/permission denied|not shared|not known|Tables that/);
});
