import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importJWK } from 'jose';
import type { JSONWebKeySet, JWK } from 'jose';
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

describe('keys public', () => {
  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])(
    'prints the public half of a key: %s',
    async (alg) => {
      const directory = await directoryForTest();
      const file = join(directory, 'private.json');
      const { kid } = await cliJson(['keys', 'generate', '--alg', alg, '--out', file], {});
      const [key] = (await cliJson<{ keys: JWK[] }>(['keys', 'public', file], {})).keys;
      expect(key).toMatchObject({ kid, alg, use: 'sig' });
      expect(Object.keys(key!)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(d|p|q|dp|dq|qi|oth|k)$/)]),
      );
      expect(await importJWK(key!)).toMatchObject({ type: 'public' });
    },
  );

  it('leaves symmetric keys out, and members that it does not know', async () => {
    const file = join(await directoryForTest(), 'private.json');
    const secret = { kty: 'oct', k: 'c2VjcmV0' };
    const pair = {
      kty: 'OKP',
      crv: 'Ed25519',
      x: 'eA',
      d: 'ZA',
      key_ops: ['sign'],
      seed: 'c2VlZA',
    };
    await writeFile(file, JSON.stringify({ keys: [secret, pair], note: 'private' }));
    expect(await cliJson(['keys', 'public', file], {})).toEqual({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'eA' }],
    });
  });

  it('--out writes it in the place of the one before, and leaves nothing beside it', async () => {
    const directory = await directoryForTest();
    const [file, out] = [join(directory, 'private.json'), join(directory, 'public.json')];
    await writeFile(out, 'the one before');
    const { kid } = await cliJson(['keys', 'generate', '--out', file], {});
    expect(await cliJson(['keys', 'public', file, '--out', out], {})).toEqual({
      file: out,
      kids: [kid],
    });
    const written = await readFile(out, 'utf8');
    expect(JSON.parse(written)).toEqual(await cliJson(['keys', 'public', file], {}));
    expect(written).not.toContain('"d"');
    expect((await readdir(directory)).toSorted()).toEqual(['private.json', 'public.json']);
  });

  it.each([
    [['/nowhere/keys.json'], /^The JWK Set file \/nowhere\/keys\.json cannot be read/],
    [[], /missing required argument/],
  ])('%j fails in one line', async (args, message) => {
    expectFailure(await runCli(['keys', 'public', ...args], {}), message);
  });

  it('never writes it in the place of the private one', async () => {
    const file = join(await directoryForTest(), 'keys.json');
    await runCli(['keys', 'generate', '--out', file], {});
    const before = await readFile(file, 'utf8');
    expectFailure(await runCli(['keys', 'public', file, '--out', file], {}), /another file/);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('fails in one line where it cannot write', async () => {
    const file = join(await directoryForTest(), 'private.json');
    await cliJson(['keys', 'generate', '--out', file], {});
    const args = ['keys', 'public', file, '--out', '/nowhere/keys.json'];
    expectFailure(await runCli(args, {}), /\/nowhere\/keys\.json cannot be written/);
  });
});
