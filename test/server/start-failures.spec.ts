import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { databaseForTest } from '../support/database.js';
import { emptyDatabase } from '../support/empty-database.js';
import { directoryForTest, expectFailure, runServer } from '../support/programs.js';

const NOWHERE = 'postgres://user:pa55word@127.0.0.1:1/x';

const NOT_UTF8 =
  /^The database has the encoding LATIN1, .*: make one with CREATE DATABASE .*'UTF8'/;

describe('a start that fails', () => {
  it.each([
    [
      'a database that nobody serves',
      { DATABASE_URL: NOWHERE },
      /^The database at 127\.0\.0\.1:1\/x cannot be used \(.*ECONNREFUSED.*correct DATABASE_URL/,
    ],
    [
      'a database host that does not exist',
      { DATABASE_URL: 'postgres://user:pa55word@database.invalid/x' },
      /^The database at database\.invalid\/x cannot be used/,
    ],
    [
      'a file that is not there',
      { JWKS_FILE: '/nowhere/keys.json' },
      /\/nowhere\/keys\.json cannot be read/,
    ],
    [
      "another issuer's file that is not there",
      { TRUSTED_ISSUERS: '[{"issuer": "a", "jwks_file": "/nowhere/a.json"}]' },
      /\/nowhere\/a\.json cannot be read/,
    ],
    ['production without a database', { NODE_ENV: 'production' }, /DATABASE_URL must be set/],
  ])('says in one line what was wrong: %s', async (_, variables, message) => {
    const outcome = await runServer([], { DATABASE_URL: NOWHERE, ...without(variables) });
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toContain('pa55word');
  });

  it.each([
    [
      'a wrong password',
      (url: string) => Object.assign(new URL(url), { password: 'pa55word' }).href,
      /password authentication failed/,
    ],
    [
      'no such database',
      (url: string) => `${url}/no_such_database`,
      /no_such_database.*does not exist/,
    ],
  ])('names what the database said: %s', async (_, change, message) => {
    const outcome = await runServer([], { DATABASE_URL: change(inject('postgresUrl')) });
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toContain('pa55word');
  });

  it.each([
    ['as it is', []],
    ['and migrates', ['--demo']],
  ])('refuses a database that is not in UTF8, where it takes it %s', async (_, args) => {
    const outcome = await runServer(args, { DATABASE_URL: await emptyDatabase('LATIN1') });
    expectFailure(outcome, NOT_UTF8);
  });

  it.each([
    ['not JSON', '{"keys":[{"d":"private'],
    ['not a key set', '{"d":"private"}'],
    ['null', 'null'],
  ])('refuses a key file that is %s, and quotes nothing of it', async (_, content) => {
    const file = join(await directoryForTest(), 'keys.json');
    await writeFile(file, content);
    const outcome = await runServer([], { DATABASE_URL: NOWHERE, JWKS_FILE: file });
    expectFailure(outcome, /^The file .*keys\.json is not a JWK Set/);
    expect(outcome.stderr).not.toContain('private');
  });

  it('names a port that is taken', async () => {
    const { url } = await databaseForTest();
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await runServer([], { DATABASE_URL: url, PORT: String(port) });
    expect(stderr).toBe(
      `The port ${port} on 127.0.0.1 is taken: stop what listens there, or set PORT.\n`,
    );
    expect(code).toBe(1);
  });

  it('names an argument that it does not know', async () => {
    expectFailure(await runServer(['--frob'], {}), /--frob/);
  });
});

function without(variables: Record<string, string | undefined>): Record<string, string> {
  // In production the point is that there is no database at all.
  return variables['NODE_ENV'] ? { DATABASE_URL: '', ...variables } : (variables as never);
}
