import { beforeAll, describe, expect, it } from 'vitest';
import { emptyDatabase } from '../support/empty-database.js';
import { cliJson, expectFailure, runCli } from '../support/programs.js';
import type { Variables } from '../support/programs.js';

/** Has the command believe that its input and its messages are a terminal's. */
const TERMINAL = {
  NODE_OPTIONS: `--import=data:text/javascript,process.stdin.isTTY=process.stderr.isTTY=true`,
};

let variables: Variables;
beforeAll(async () => {
  variables = { DATABASE_URL: await emptyDatabase() };
  await cliJson(['migrate'], variables);
});

const person = (args: readonly string[], answer: string) =>
  runCli(args, { ...variables, ...TERMINAL }, answer);
const create = (id: string) =>
  cliJson<{ client_secret: string }>(['client', 'create', id], variables);
const ids = async () => {
  const { clients } = await cliJson<{ clients: { client_id: string }[] }>(
    ['client', 'list'],
    variables,
  );
  return clients.map(({ client_id }) => client_id);
};
/** How many secrets there are whose end is not known. */
const endless = async (id: string) => {
  const { secrets } = await cliJson<{ secrets: { expires_at: string | null }[] }>(
    ['client', 'show', id],
    variables,
  );
  return secrets.length;
};

describe('On a terminal', () => {
  it.each(['n\n', '\n', 'no\n', 'yes please\n', ''])(
    'client delete with the answer %j deletes nothing',
    async (answer) => {
      const id = `kept ${JSON.stringify(answer)}`;
      await create(id);
      const outcome = await person(['client', 'delete', id], answer);
      expect(outcome.stderr).toContain(`Delete the client "${id}" with its secrets and tokens`);
      expect(outcome.stderr).toMatch(/Nothing was changed\.\n$/);
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(await ids()).toContain(id);
    },
  );

  it.each(['y\n', 'Yes\n'])('client delete with the answer %j deletes', async (answer) => {
    await create('gone');
    const { code, stdout } = await person(['client', 'delete', 'gone', '--json'], answer);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ client_id: 'gone', deleted: true });
    expect(await ids()).not.toContain('gone');
  });

  it('client rotate-secret asks before a secret stops at once', async () => {
    await create('rotated');
    const now = await person(['client', 'rotate-secret', 'rotated'], 'n\n');
    expect(now.stderr).toMatch(/stop working now.*Nothing was changed/s);
    const later = await person(['client', 'rotate-secret', 'rotated', '--keep-old', '60'], '');
    expect(later).toMatchObject({ code: 0, stderr: '' });
    expect(await endless('rotated')).toBe(2);
  });

  it('migrate --revert asks', async () => {
    const outcome = await person(['migrate', '--revert'], 'n\n');
    expect(outcome.stderr).toMatch(/newest migration back.*Nothing was changed/s);
    expect(await cliJson(['migrate'], variables)).toEqual({ applied: [] });
  });

  it('--yes answers', async () => {
    await create('sure');
    const { code, stderr } = await person(['client', 'delete', 'sure', '--yes'], '');
    expect([code, stderr]).toEqual([0, '']);
  });
});

it('A script is not asked', async () => {
  await create('scripted');
  expect(await cliJson(['client', 'delete', 'scripted'], variables)).toMatchObject({
    deleted: true,
  });
  expectFailure(await runCli(['client', 'delete', 'scripted'], variables), /There is no client/);
});
