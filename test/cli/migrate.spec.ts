import { describe, expect, it } from 'vitest';
import { emptyDatabase } from '../support/empty-database.js';
import { cliJson, expectFailure, runCli } from '../support/programs.js';

const ALL = [
  'CreateIntrospectionTables1767225600000',
  'CreateAuthenticationFailures1767312000000',
  'RememberDeletedClients1767398400000',
];

describe('migrate', () => {
  it('goes up, down and up again', async () => {
    const variables = { DATABASE_URL: await emptyDatabase() };
    const migrate = (...args: string[]) => cliJson(['migrate', ...args], variables);
    expect(await migrate('--revert')).toEqual({ reverted: null });
    expect(await migrate()).toEqual({ applied: ALL });
    expect(await migrate()).toEqual({ applied: [] });
    await cliJson(['client', 'create', 'rs'], variables);
    const last = ALL.toReversed();
    expect(await migrate('--revert')).toEqual({ reverted: last.shift() });
    expectFailure(
      await runCli(['client', 'list'], variables),
      /is older than this command.*run "migrate" first/,
    );
    for (const reverted of last) expect(await migrate('--revert')).toEqual({ reverted });
    expectFailure(await runCli(['client', 'list'], variables), /no tables.*run "migrate" first/);
    expect(await migrate()).toEqual({ applied: ALL });
    expect(await cliJson(['client', 'list'], variables)).toEqual({ clients: [] });
  });

  it('applies each migration once when several start at the same time', async () => {
    const variables = { DATABASE_URL: await emptyDatabase() };
    const outcomes = await Promise.all([1, 2, 3].map(() => cliJson(['migrate'], variables)));
    expect(outcomes.flatMap(({ applied }) => applied)).toEqual(ALL);
  });

  it('tells a person what it did', async () => {
    const variables = { DATABASE_URL: await emptyDatabase() };
    expect((await runCli(['migrate'], variables)).stdout).toBe(`Applied ${ALL.join(', ')}.\n`);
    expect((await runCli(['migrate'], variables)).stdout).toBe('Nothing to apply.\n');
    for (const reverted of ALL.toReversed()) {
      const { stdout } = await runCli(['migrate', '--revert'], variables);
      expect(stdout).toBe(`Reverted ${reverted}.\n`);
    }
    expect((await runCli(['migrate', '--revert'], variables)).stdout).toBe('Nothing to revert.\n');
  });
});
