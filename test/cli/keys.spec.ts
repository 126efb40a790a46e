import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { importJWK } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import { cliJson, directoryForTest, expectFailure, runCli } from '../support/programs.js';

describe('keys generate', () => {
  it.each([
    ['ES256', { kty: 'EC', crv: 'P-256' }],
    ['RS256', { kty: 'RSA' }],
    ['PS256', { kty: 'RSA' }],
    ['EdDSA', { kty: 'OKP', crv: 'Ed25519' }],
  ])('--alg %s prints a private JWK Set', async (alg, shape) => {
    const { keys } = await cliJson<JSONWebKeySet & Record<string, unknown>>(
      ['keys', 'generate', '--alg', alg],
      {},
    );
    expect(keys).toEqual([
      expect.objectContaining({
        ...shape,
        alg,
        use: 'sig',
        kid: expect.stringMatching(/^[\w-]{43}$/),
        d: expect.any(String),
      }),
    ]);
    expect(await importJWK(keys[0]!)).toMatchObject({ type: 'private' });
  });

  it('--out writes a file that its owner alone can read, and never over another', async () => {
    const file = join(await directoryForTest(), 'keys.json');
    const args = ['keys', 'generate', '--out', file];
    const printed = await cliJson(args, {});
    const written = await readFile(file, 'utf8');
    const key = (JSON.parse(written) as JSONWebKeySet).keys[0]!;
    expect(printed).toEqual({ file, kid: key.kid, alg: 'ES256' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expectFailure(await runCli(args, {}), /There is a file .*keys\.json already/);
    expect(await readFile(file, 'utf8')).toBe(written);
  });

  it('makes another key each time', async () => {
    const run = async () => (await runCli(['keys', 'generate'], {})).stdout;
    const [one, two] = [JSON.parse(await run()), JSON.parse(await run())] as JSONWebKeySet[];
    expect(one!.keys[0]!.d).not.toBe(two!.keys[0]!.d);
  });

  it.each([
    [['--alg', 'HS256'], /--alg.*ES256, RS256, PS256, EdDSA/],
    [['--out', '/nowhere/keys.json'], /\/nowhere\/keys\.json cannot be written/],
    [['--out'], /--out.*argument missing/],
  ])('%j fails in one line', async (args, message) => {
    expectFailure(await runCli(['keys', 'generate', ...args], {}), message);
  });
});
