import { describe, expect, it, onTestFinished } from 'vitest';
import { FORM, ask, basic } from '../support/http.js';
import { databaseOfHost, dataSourceForTest } from '../support/own-tables.js';
import { cliJson, expectFailure, runCli, runServer, serverForTest } from '../support/programs.js';
import { expectActive, expectInactive } from '../support/world.js';

/** A database in which a host has tables of its own, and the variables for a schema that is not there yet. */
async function besideHost(DATABASE_SCHEMA = 'introspection') {
  const url = await databaseOfHost(['public']);
  const ISSUER = 'http://localhost:3000';
  return { url, variables: { DATABASE_URL: url, DATABASE_SCHEMA, ISSUER } };
}

describe('DATABASE_SCHEMA', () => {
  it.each(['introspection', 'Own-Schema'])(
    '%s is made and used by command and server',
    async (schema) => {
      const { url, variables } = await besideHost(schema);
      const cli = <T = Record<string, unknown>>(...args: string[]) => cliJson<T>(args, variables);
      expect((await cli<{ applied: string[] }>('migrate')).applied).toHaveLength(3);
      expect(await cli('migrate')).toEqual({ applied: [] });
      const { client_secret } = await cli<{ client_secret: string }>(
        'client',
        'create',
        'rs',
        '--any-audience',
      );
      const { access_token: token } = await cli<{ access_token: string }>(
        'token',
        'issue',
        '--client',
        'rs',
      );

      const server = await serverForTest(variables);
      expect((await ask(server.origin, { method: 'GET', path: '/health/ready' })).status).toBe(200);
      const introspect = () =>
        ask(server.origin, {
          headers: [...FORM, 'Authorization', basic('rs', client_secret)],
          body: `token=${token}`,
        });
      expectActive(await introspect());
      await cli('token', 'revoke', token);
      expectInactive(await introspect());

      const dataSource = await dataSourceForTest(url, { schema });
      await dataSource.query(`UPDATE "${schema}".opaque_token SET exp = 1`);
      expect(await cli('token', 'purge')).toEqual({ opaque_tokens: 1, revoked_jwts: 0 });
      for (let left = 3; left > 0; left--) await cli('migrate', '--revert');
      expect(await dataSource.query('SELECT name FROM public.client')).toEqual([
        { name: 'of the host' },
      ]);
    },
  );

  it('is asked for where a table is the host’s', async () => {
    const { url } = await besideHost();
    const admin = await dataSourceForTest(url, {});
    const variables = { DATABASE_URL: url };
    const failures = async (says: RegExp) => {
      expectFailure(await runCli(['migrate'], variables), says);
      expectFailure(await runServer(['--demo'], variables), says);
    };
    await failures(/^The table migrations is somebody else's: set DATABASE_SCHEMA/);
    expectFailure(await runServer([], variables), /^The table migrations is somebody else's/);

    await admin.query('DROP TABLE migrations');
    await failures(/"client" already exists.*DATABASE_SCHEMA/);
    const { code, stderr } = await runServer([], { ...variables, LOG_LEVEL: 'silent' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Tables that are somebody else's: "client" \(lacks .*DATABASE_SCHEMA/);
  });

  it('is refused where the role may not make it, with the statement for who may', async () => {
    const { url, variables } = await besideHost();
    const admin = await dataSourceForTest(url, {});
    await admin.query("CREATE ROLE schema_test LOGIN PASSWORD 'secret'");
    onTestFinished(() => admin.query('DROP ROLE schema_test').then(() => {}));
    const asRole = new URL(url);
    Object.assign(asRole, { username: 'schema_test', password: 'secret' });
    expectFailure(
      await runCli(['migrate'], { ...variables, DATABASE_URL: asRole.href }),
      /There is no schema "introspection", and this role may not create it: .* CREATE SCHEMA "introspection" AUTHORIZATION/,
    );
  });

  it.each(['a.b', 'a"b', 'x'.repeat(64)])('must be a name: %s', async (schema) => {
    const { variables } = await besideHost(schema);
    expectFailure(
      await runCli(['client', 'list'], variables),
      /DATABASE_SCHEMA must be the name of a schema/,
    );
  });
});
