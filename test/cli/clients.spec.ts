import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import { cliJson, expectFailure, runCli, startServer } from '../support/programs.js';
import type { ServerProcess, Variables } from '../support/programs.js';

let variables: Variables;
let server: ServerProcess;
beforeAll(async () => {
  const { url, dataSource } = await freshDatabase();
  await dataSource.destroy();
  variables = { DATABASE_URL: url };
  server = await startServer(variables);
});
afterAll(async () => void (await server.stop()));

const cli = (...args: string[]) => cliJson<Record<string, string>>(args, variables);
const statusFor = async (id: string, secret: string) => {
  const headers = [...FORM, 'Authorization', basic(id, secret)];
  return (await ask(server.origin, { headers, body: 'token=unknown' })).status;
};

describe('client', () => {
  it('create: the printed secret works', async () => {
    const { client_id, client_secret, ...rest } = await cli('client', 'create', 'made');
    expect(client_id).toBe('made');
    expect(rest).toEqual({});
    expect(await statusFor('made', client_secret!)).toBe(200);
    expect(await statusFor('made', `${client_secret}x`)).toBe(401);
  });

  it('create: with everything that can be said', async () => {
    const secret = '-chosen: secret with ünicode';
    const { client_secret } = await cli(
      ...[
        ['client', 'create', 'id with: colon', '--secret', secret, '--name', 'A name'],
        ['--audience', 'https://a.example', '--audience', 'https://b.example'],
      ].flat(),
    );
    expect(client_secret).toBe(secret);
    expect(await statusFor('id with: colon', secret)).toBe(200);
    await cli('client', 'create', 'any', '--any-audience', '--no-introspect');
    const { clients } = await cliJson<{ clients: object[] }>(['client', 'list'], variables);
    expect(clients).toContainEqual({
      client_id: 'id with: colon',
      name: 'A name',
      enabled: true,
      may_introspect: true,
      audiences: ['https://a.example', 'https://b.example'],
      any_audience: false,
    });
    expect(clients).toContainEqual({
      client_id: 'any',
      name: null,
      enabled: true,
      may_introspect: false,
      audiences: [],
      any_audience: true,
    });
  });

  it('create --no-introspect: it is refused at the endpoint', async () => {
    const { client_secret } = await cli('client', 'create', 'mute', '--no-introspect');
    expect(await statusFor('mute', client_secret!)).toBe(403);
  });

  it('rotate-secret: the old one stops at once, or is kept', async () => {
    const first = await cli('client', 'create', 'rotated');
    const second = await cli('client', 'rotate-secret', 'rotated');
    const third = await cli('client', 'rotate-secret', 'rotated', '--keep-old', '3600');
    expect(await statusFor('rotated', first['client_secret']!)).toBe(401);
    expect(await statusFor('rotated', second['client_secret']!)).toBe(200);
    expect(await statusFor('rotated', third['client_secret']!)).toBe(200);
  });

  it('disable, enable, delete: the endpoint follows at once', async () => {
    const { client_secret } = await cli('client', 'create', 'passing');
    expect(await cli('client', 'disable', 'passing')).toEqual({
      client_id: 'passing',
      enabled: false,
    });
    expect(await statusFor('passing', client_secret!)).toBe(401);
    expect(await cli('client', 'enable', 'passing')).toEqual({
      client_id: 'passing',
      enabled: true,
    });
    expect(await statusFor('passing', client_secret!)).toBe(200);
    expect(await cli('client', 'delete', 'passing')).toEqual({
      client_id: 'passing',
      deleted: true,
    });
    expect(await statusFor('passing', client_secret!)).toBe(401);
  });

  it.each([
    ['as it is', 'a secret: with spaces', 'a secret: with spaces'],
    ['without the line’s end', 'secret\n', 'secret'],
    ['without the line’s end of Windows', 'secret\r\n', 'secret'],
    ['with spaces at both ends', ' secret \n', ' secret '],
    ['where it is a dash', '-\n', '-'],
  ])('create: --secret - takes the secret from stdin, %s', async (how, stdin, secret) => {
    const id = `stdin ${how}`;
    const args = ['client', 'create', id, '--secret', '-', '--json'];
    const { stdout, stderr } = await runCli(args, variables, stdin);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ client_id: id, client_secret: secret });
    expect(await statusFor(id, secret)).toBe(200);
    expect(await statusFor(id, `${secret}x`)).toBe(401);
  });

  it.each([
    ['nothing', '', /^The secret on stdin: it must not be empty/],
    ['an empty line', '\n', /must not be empty/],
    ['two lines', 'pa55word\nmore\n', /control characters/],
    ['an empty line more', 'pa55word\n\n', /control characters/],
  ])('create: --secret - refuses %s, and makes no client', async (what, stdin, message) => {
    const id = `refused ${what}`;
    const outcome = await runCli(['client', 'create', id, '--secret', '-'], variables, stdin);
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toContain('pa55word');
    const { clients } = await cliJson<{ clients: object[] }>(['client', 'list'], variables);
    expect(clients).not.toContainEqual(expect.objectContaining({ client_id: id }));
  });

  it('tells a person the same', async () => {
    const run = async (...args: string[]) => (await runCli(args, variables)).stdout;
    expect(await run('client', 'create', 'human', '--secret', 'chosen')).toBe(
      'client_id:     human\nclient_secret: chosen\n',
    );
    expect(await run('client', 'disable', 'human')).toBe('The client "human" is disabled.\n');
    const list = await run('client', 'list');
    expect(list).toMatch(/^CLIENT +ENABLED +INTROSPECTS +AUDIENCES +NAME\n/);
    expect(list).toMatch(/^human +no +yes +- +-$/m);
    expect(await run('client', 'enable', 'human')).toBe('The client "human" is enabled.\n');
    expect(await run('client', 'delete', 'human')).toBe('The client "human" is deleted.\n');
  });

  it.each([
    [['create', 'twice', '--secret', ''], /--secret.*must not be empty/],
    [['create', 'twice', '--secret', 'pa55word\n'], /--secret.*control characters/],
    [['create', 'twice', '--secrt=pa55word'], /unknown option '--secrt'/],
    [['create', ''], /^argument 'id': it must not be empty/],
    [['create', 'twice', '--audience', ''], /--audience.*must not be empty/],
    [['rotate-secret', 'nobody'], /There is no client "nobody"/],
    [['disable', 'nobody'], /There is no client "nobody"/],
    [['enable', 'nobody'], /There is no client "nobody"/],
    [['delete', 'nobody'], /There is no client "nobody"/],
    [['show', 'nobody'], /There is no client "nobody"/],
    [['update', 'nobody', '--no-name'], /There is no client "nobody"/],
    [['update', 'nobody'], /Say what is to be changed/],
    [['update', 'nobody', '--name', ''], /--name.*must not be empty/],
    [['rotate-secret', 'nobody', '--keep-old', 'long'], /--keep-old.*whole number/],
  ])('%j fails in one line', async (args, message) => {
    const outcome = await runCli(['client', ...args, '--json'], variables);
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toContain('pa55word');
  });

  it('show: everything but the secrets, and when each of them works', async () => {
    const audiences = ['--audience', 'https://a.example', '--audience', 'https://b.example'];
    const { client_secret } = await cli(
      'client',
      'create',
      'shown',
      '--name',
      'A name',
      ...audiences,
    );
    const rotated = await cli('client', 'rotate-secret', 'shown', '--keep-old', '3600');
    const time = expect.stringMatching(/^20\d\d-\d\d-\d\dT.*Z$/) as string;
    const shown = await cli('client', 'show', 'shown');
    expect(shown).toEqual({
      client_id: 'shown',
      name: 'A name',
      enabled: true,
      may_introspect: true,
      audiences: ['https://a.example', 'https://b.example'],
      any_audience: false,
      created_at: time,
      tokens_from: null,
      secrets: [
        { number: 1, created_at: time, expires_at: time },
        { number: 2, created_at: time, expires_at: null },
      ],
    });
    const { stdout } = await runCli(['client', 'show', 'shown'], variables);
    expect(stdout).toMatch(
      /^CLIENT +shown\nNAME +A name\nENABLED +yes\nINTROSPECTS +yes\nAUDIENCES +https:/,
    );
    expect(stdout).toMatch(/\n\nSECRET +CREATED +EXPIRES\n1 +20\S+ +20\S+\n2 +20\S+ +never\n$/);
    for (const secret of [client_secret!, rotated['client_secret']!]) {
      const stored = createHash('sha256').update(secret).digest();
      for (const form of [secret, stored.toString('hex'), stored.toString('base64url')]) {
        expect(JSON.stringify(shown) + stdout).not.toContain(form);
      }
    }
  });

  it('show: from when the JWTs of an id count that was deleted before', async () => {
    await cli('client', 'create', 'renewed');
    await cli('client', 'delete', 'renewed');
    await cli('client', 'create', 'renewed');
    expect((await cli('client', 'show', 'renewed'))['tokens_from']).toMatch(/^20/);
    const { stdout } = await runCli(['client', 'show', 'renewed'], variables);
    expect(stdout).toMatch(/^JWTS FROM +20/m);
  });

  it('update: what is named changes at once, and the rest stays', async () => {
    const { client_secret } = await cli('client', 'create', 'changed', '--name', 'One');
    const before = await cli('client', 'show', 'changed');
    for (const [args, changes] of [
      [['--name', 'Two'], { name: 'Two' }],
      [
        ['--audience', 'https://a.example', '--audience', 'https://b.example'],
        { audiences: ['https://a.example', 'https://b.example'] },
      ],
      [['--audience', 'https://c.example'], { audiences: ['https://c.example'] }],
      [['--any-audience', '--no-introspect'], { any_audience: true, may_introspect: false }],
      [['--no-name', '--no-audience'], { name: null, audiences: [] }],
      [['--no-any-audience'], { any_audience: false }],
    ] as const) {
      Object.assign(before, changes);
      expect(await cli('client', 'update', 'changed', ...args)).toEqual(before);
      expect(await cli('client', 'show', 'changed')).toEqual(before);
    }
    expect(await statusFor('changed', client_secret!)).toBe(403);
    await cli('client', 'update', 'changed', '--introspect');
    expect(await statusFor('changed', client_secret!)).toBe(200);
  });

  it('create: fails when there is such a client', async () => {
    await cli('client', 'create', 'twice');
    expectFailure(await runCli(['client', 'create', 'twice'], variables), /already/);
  });
});
