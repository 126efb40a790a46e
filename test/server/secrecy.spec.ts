import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { databaseForTest } from '../support/database.js';
import { proxyForTest } from '../support/database-proxy.js';
import { FORM, ask, basic } from '../support/http.js';
import { cliJson, directoryForTest, runCli, startServer } from '../support/programs.js';

it('no token and no secret is in logs, error answers or the database', async () => {
  const { url, dataSource } = await databaseForTest();
  const operator = {
    DATABASE_URL: url,
    ISSUER: 'https://sts.example',
    JWKS_FILE: join(await directoryForTest(), 'keys.json'),
  };
  await cliJson(['keys', 'generate', '--out', operator.JWKS_FILE], {});
  const chosen = `chosen-${randomBytes(9).toString('hex')}`;
  const wrong = `wrong-${randomBytes(9).toString('hex')}`;
  const rs = await secretOf(['client', 'create', 'rs'], operator);
  const rotated = await secretOf(['client', 'rotate-secret', 'rs', '--keep-old', '60'], operator);
  await secretOf(['client', 'create', 'app', '--secret', chosen], operator);
  const tokens: string[] = [];
  for (const format of ['opaque', 'jwt', 'opaque', 'jwt']) {
    const args = ['token', 'issue', '--client', 'app', '--format', format];
    tokens.push((await cliJson<{ access_token: string }>(args, operator)).access_token);
  }
  for (const token of tokens.slice(2)) await cliJson(['token', 'revoke', token], operator);
  const failure = await runCli(['client', 'create', 'rs', '--secret', chosen], operator);

  const proxy = await proxyForTest(url);
  const server = await startServer({ ...operator, DATABASE_URL: proxy.url, LOG_LEVEL: 'trace' });
  const unknown = `unknown-${randomBytes(9).toString('hex')}`;
  const bodies: string[] = [failure.stdout, failure.stderr];
  const everyQuestion = async () => {
    for (const [id, secret] of [
      ['rs', rs],
      ['rs', rotated],
      ['app', chosen],
      ['rs', wrong],
      [wrong, wrong],
    ] as const) {
      const headers = [...FORM, 'Authorization', basic(id, secret)];
      for (const token of [...tokens, unknown, `${tokens[1]!.slice(0, -4)}AAAA`]) {
        const path = `/introspect?token=${token}`;
        const body = `token=${token}`;
        bodies.push((await ask(server.origin, { headers, body })).text);
        bodies.push((await ask(server.origin, { headers, body: `${body}&${body}` })).text);
        bodies.push((await ask(server.origin, { headers, path, body: 'x=y' })).text);
        bodies.push((await ask(server.origin, { headers, path: `/x${path}`, body })).text);
      }
      const path = `/${secret}`;
      bodies.push((await ask(server.origin, { method: 'GET', path, headers })).text);
    }
  };
  await everyQuestion();
  await proxy.down();
  await everyQuestion();
  await server.stop();

  const events = server
    .log()
    .map(({ event, active, reason, error }) => JSON.stringify({ event, active, reason, error }));
  expect(new Set(events)).toEqual(
    new Set([
      '{}',
      '{"event":"introspection","active":true}',
      '{"event":"introspection","active":false,"reason":"unrecognized"}',
      '{"event":"introspection","active":false,"reason":"revoked"}',
      '{"event":"introspection","active":false,"reason":"bad_signature"}',
      '{"event":"refusal","error":"invalid_client"}',
      '{"event":"refusal","error":"invalid_request"}',
      '{"event":"refusal","error":"temporarily_unavailable"}',
    ]),
  );
  const places = { log: server.output(), bodies: bodies.join('\n'), dump: await dump(dataSource) };
  const secrets = [rs, rotated, chosen, wrong, unknown, ...tokens, ...tokens.map(signatureOf)];
  for (const [place, text] of Object.entries(places)) {
    expect(text.length, place).toBeGreaterThan(500);
    for (const secret of secrets) {
      // The caller's id is in the log, but whoever is not authenticated has none.
      for (const form of [
        secret,
        Buffer.from(secret).toString('hex'),
        basic('rs', secret).slice(6),
      ]) {
        expect(text.includes(form), `${place} has ${form}`).toBe(false);
      }
    }
  }
});

async function secretOf(args: readonly string[], variables: Record<string, string>) {
  return (await cliJson<{ client_secret: string }>(args, variables)).client_secret;
}

/** A JWT's last part alone would be enough to make the token whole again. */
function signatureOf(token: string): string {
  return token.split('.').at(-1)!;
}

async function dump(dataSource: DataSource): Promise<string> {
  const rows: unknown[] = [];
  for (const { tableName } of dataSource.entityMetadatas) {
    rows.push(...(await dataSource.query<unknown[]>(`SELECT t::text FROM "${tableName}" t`)));
  }
  expect(rows.length).toBeGreaterThan(7);
  return JSON.stringify(rows);
}
