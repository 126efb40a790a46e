import { describe, expect, it } from 'vitest';
import { manifest } from '../support/manifest.js';
import { emptyDatabase } from '../support/empty-database.js';
import { cliJson, expectFailure, runCli } from '../support/programs.js';

describe('every command', () => {
  it.each([
    ['no database', { DATABASE_URL: 'postgres://u:pa55word@127.0.0.1:1/x' }, /cannot be used/],
    ['a wrong variable', { DATABASE_URL: 'x', PORT: 'y' }, /DATABASE_URL must.*PORT must/],
    ['production without a database', { NODE_ENV: 'production' }, /DATABASE_URL must be set/],
  ])('fails in one line with %s', async (_, variables, message) => {
    const outcome = await runCli(['client', 'list', '--json'], variables);
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toContain('pa55word');
  });

  it.each([
    ['frob'],
    ['client', 'frob'],
    ['client', 'create'],
    ['client', 'list', 'more'],
    ['client', 'list', '--frob'],
    ['token', 'issue'],
    ['token', 'revoke'],
    ['migrate', '--frob'],
    ['help', 'frob'],
    ['help', 'client', 'frob'],
  ])('fails in one line for %s %s %s', async (...args) => {
    expectFailure(await runCli(args, {}), /unknown|missing|not specified|too many/);
  });

  it.each([
    ['clint', /^unknown command 'clint' \(Did you mean client\?\)$/],
    ['client crate', /^unknown command 'crate' \(Did you mean create\?\)$/],
    ['client list --jsn', /^unknown option '--jsn' \(Did you mean --json\?\)$/],
    ['client create rs --secrt=pa55word', /^unknown option '--secrt'$/],
    ['token eyJhbGciOiJub25lIn0.e30.', /^unknown command$/],
    ['token issue --client app -eyJhbGciOiJub25lIn0.e30.', /^unknown option$/],
  ])('names what was meant, and repeats no value: %s', async (line, message) => {
    const outcome = await runCli(line.split(' '), {});
    expectFailure(outcome, /unknown/);
    expect(outcome.stderr.trimEnd()).toMatch(message);
  });
});

describe('help', () => {
  it.each([
    ['-h', 'introspection'],
    ['--help', 'introspection'],
    ['help', 'introspection'],
    ['help help', 'introspection help'],
    ['client -h', 'introspection client'],
    ['help client', 'introspection client'],
    ['client create -h', 'introspection client create'],
    ['client help create', 'introspection client create'],
    ['help client create', 'introspection client create'],
    ['migrate --help', 'introspection migrate'],
    ['keys rotate -h', 'introspection keys rotate'],
    ['token explain -h', 'introspection token explain'],
    ['token explain --help', 'introspection token explain'],
    ['token revoke -h', 'introspection token revoke'],
  ])('%s', async (line, usage) => {
    const { code, stdout, stderr } = await runCli(line.split(' '), {});
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`^Usage: ${usage} [<[]`));
    expect(stdout).toMatch(/^ {2}DATABASE_URL /m);
    expect(stdout).toMatch(/^ {2}ISSUER /m);
  });

  it('--version prints the version', async () => {
    const { code, stdout } = await runCli(['--version'], {});
    expect([code, stdout]).toEqual([0, `${manifest.version}\n`]);
  });

  it('takes -h for a value where an option needs one', async () => {
    const variables = { DATABASE_URL: await emptyDatabase() };
    await cliJson(['migrate'], variables);
    const created = await cliJson(['client', 'create', 'rs', '--secret', '-h'], variables);
    expect(created).toEqual({ client_id: 'rs', client_secret: '-h' });
  });
});
