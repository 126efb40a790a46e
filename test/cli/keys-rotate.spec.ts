import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import { TypeOrmClientRepository } from '../../src/index.js';
import { databaseForTest } from '../support/database.js';
import { FORM, ask, basic } from '../support/http.js';
import {
  cliJson,
  directoryForTest,
  eventually,
  expectFailure,
  runCli,
  serverForTest,
} from '../support/programs.js';

type Keys = { keys: { kid: string; nbf?: number; alg?: string; d?: string }[] };
interface Rotated {
  kid: string;
  alg: string;
  signs_from: string;
  retired: string[];
}

/** A private key file with one key, and the file where its public half is to be. */
async function keyFiles(alg = 'ES256') {
  const directory = await directoryForTest();
  const file = join(directory, 'private.json');
  const published = join(directory, 'public.json');
  const { kid } = await cliJson<{ kid: string }>(
    ['keys', 'generate', '--alg', alg, '--out', file],
    {},
  );
  await cliJson(['keys', 'public', file, '--out', published], {});
  const args = ['keys', 'rotate', file, '--public', published];
  return {
    directory,
    file,
    published,
    kid,
    args,
    rotate: (...more: string[]) =>
      cliJson<Rotated & Record<string, unknown>>([...args, ...more], {}),
    list: async () =>
      (await cliJson<{ keys: Record<string, string | null>[] }>(['keys', 'list', file], {})).keys,
    private: () => read(file),
    public: () => read(published),
    kids: async () => kidsOf(await read(file)),
    /** Lets time pass: each key signs so many seconds earlier. */
    async age(seconds: number) {
      const jwks = await read(file);
      for (const key of jwks.keys) if (key.nbf !== undefined) key.nbf -= seconds;
      await writeFile(file, JSON.stringify(jwks));
    },
  };
}

const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as Keys;
const kidsOf = ({ keys }: Keys) => keys.map(({ kid }) => kid);

describe('keys rotate', () => {
  it('adds a key that is published now and signs later', async () => {
    const keys = await keyFiles();
    const before = Date.now();
    const { kid, signs_from, ...rest } = await keys.rotate();
    expect(rest).toEqual({ file: keys.file, public: keys.published, alg: 'ES256', retired: [] });
    expect(Date.parse(signs_from)).toBeGreaterThanOrEqual(Math.floor(before / 1000 + 900) * 1000);
    expect(Date.parse(signs_from)).toBeLessThanOrEqual(Date.now() + 900_000);
    expect(await keys.kids()).toEqual([keys.kid, kid]);
    expect(kidsOf(await keys.public())).toEqual([keys.kid, kid]);
    expect(JSON.stringify(await keys.public())).not.toMatch(/"d"|nbf/);
    expect((await stat(keys.file)).mode & 0o777).toBe(0o600);
    expect((await stat(keys.published)).mode & 0o777).toBe(0o644);
    expect((await readdir(keys.directory)).toSorted()).toEqual(['private.json', 'public.json']);
    expect(await keys.list()).toEqual([
      { kid: keys.kid, alg: 'ES256', state: 'signing', signs_from: null, signed_until: null },
      { kid, alg: 'ES256', state: 'next', signs_from, signed_until: null },
    ]);
  });

  it('from the first key to its end: the server knows each key before it signs, and as long as its tokens live', async () => {
    const { dataSource, url } = await databaseForTest();
    const clients = new TypeOrmClientRepository(dataSource);
    const { clientSecret } = await clients.create({ clientId: 'rs', anyAudience: true });
    const keys = await keyFiles();
    const environment = { DATABASE_URL: url, ISSUER: 'https://sts.example' };
    const server = await serverForTest({ ...environment, JWKS_FILE: keys.published });
    const issue = async () => {
      const args = ['token', 'issue', '--client', 'rs', '--format', 'jwt'];
      const issuing = { ...environment, JWKS_FILE: keys.file };
      return (await cliJson<{ access_token: string }>(args, issuing)).access_token;
    };
    const isActive = async (token: string) => {
      const headers = [...FORM, 'Authorization', basic('rs', clientSecret)];
      return (await ask(server.origin, { headers, body: `token=${token}` })).json['active'];
    };
    const { kid: second } = await keys.rotate();
    const first = await issue();
    expect(decodeProtectedHeader(first).kid).toBe(keys.kid);

    await keys.age(901);
    const next = await issue();
    expect(decodeProtectedHeader(next).kid).toBe(second);
    // The server has read the file again since.
    await eventually(() => isActive(next));
    expect(await isActive(first)).toBe(true);
    expect((await keys.list()).map(({ state }) => state)).toEqual(['old', 'signing']);

    await keys.age(3600);
    const { retired, kid: third } = await keys.rotate('--keep-old', '3600');
    expect(retired).toEqual([keys.kid]);
    expect(await keys.kids()).toEqual([second, third]);
    expect(kidsOf(await keys.public())).toEqual([second, third]);
    await eventually(async () => !(await isActive(first)));
    expect(await isActive(next)).toBe(true);
  });

  it('keeps an old key as long as tokens that it has signed may live', async () => {
    const keys = await keyFiles();
    await keys.rotate();
    await keys.age(900 + 2_592_000 - 60);
    expect((await keys.rotate()).retired).toEqual([]);
    await keys.age(60);
    expect((await keys.rotate()).retired).toEqual([keys.kid]);
  });

  it('loses nothing when several start at the same time', async () => {
    const keys = await keyFiles();
    const rotated = await Promise.all([1, 2, 3, 4].map(() => keys.rotate()));
    const kids = [keys.kid, ...rotated.map(({ kid }) => kid)].toSorted();
    expect((await keys.kids()).toSorted()).toEqual(kids);
    expect(kidsOf(await keys.public()).toSorted()).toEqual(kids);
    expect((await readdir(keys.directory)).toSorted()).toEqual(['private.json', 'public.json']);
  });

  it('that is interrupted after it has published leaves the key before signing, and the next one goes on', async () => {
    const keys = await keyFiles();
    await mkdir(`${keys.file}.new`);
    expectFailure(await runCli(keys.args, {}), /private\.json cannot be written/);
    expect(kidsOf(await keys.public())).toHaveLength(2);
    expect((await keys.list()).map(({ kid, state }) => [kid, state])).toEqual([
      [keys.kid, 'signing'],
    ]);
    const other = await keyFiles();
    await writeFile(`${other.file}.new`, 'half a file', { mode: 0o600 });
    const { kid } = await other.rotate();
    expect(await other.kids()).toEqual([other.kid, kid]);
    expect(kidsOf(await other.public())).toEqual([other.kid, kid]);
    expect((await readdir(other.directory)).toSorted()).toEqual(['private.json', 'public.json']);
  });

  it('keeps the permissions of the file, and what a link to it points to', async () => {
    const keys = await keyFiles();
    await chmod(keys.file, 0o640);
    const link = join(keys.directory, 'link.json');
    await symlink(keys.file, link);
    const { kid } = await cliJson<{ kid: string }>(['keys', 'rotate', link], {});
    expect(await keys.kids()).toEqual([keys.kid, kid]);
    expect((await stat(keys.file)).mode & 0o777).toBe(0o640);
  });

  it.each([
    ['the private file, which a link leads to', (file: string, link: string) => [link, file]],
    ['a link to the private file', (file: string, link: string) => [file, link]],
  ])('never publishes in the place of %s', async (_what, names) => {
    const keys = await keyFiles();
    const before = await keys.private();
    const link = join(keys.directory, 'link.json');
    await symlink(keys.file, link);
    const [file, published] = names(keys.file, link) as [string, string];
    expectFailure(
      await runCli(['keys', 'rotate', file, '--public', published], {}),
      /another file/,
    );
    expectFailure(await runCli(['keys', 'public', file, '--out', published], {}), /another file/);
    expect(await keys.private()).toEqual(before);
    expect((await stat(keys.file)).mode & 0o777).toBe(0o600);
  });

  it('writes no key into a file that somebody else has put there', async () => {
    const keys = await keyFiles();
    const other = join(keys.directory, 'other');
    await writeFile(other, 'precious');
    await symlink(other, `${keys.file}.new`);
    await keys.rotate();
    expect(await readFile(other, 'utf8')).toBe('precious');
    expect(await keys.kids()).toHaveLength(2);
  });

  it.each(['RS256', 'EdDSA'])('goes on with the algorithm of before: %s', async (alg) => {
    const keys = await keyFiles(alg);
    expect((await keys.rotate()).alg).toBe(alg);
    expect((await keys.rotate('--alg', 'ES256')).alg).toBe('ES256');
    expect((await keys.rotate()).alg).toBe('ES256');
  });

  it('tells a person', async () => {
    const keys = await keyFiles();
    const { stdout } = await runCli(keys.args, {});
    expect(stdout).toMatch(/^The ES256 key [\w-]{43} signs from 20\S+Z on\. Keys retired: 0\.\n$/);
    const { stdout: list } = await runCli(['keys', 'list', keys.file], {});
    expect(list).toMatch(
      /^KID +ALG +STATE +SIGNS FROM +SIGNED UNTIL\n[\w-]{43} +ES256 +signing +- +-\n/,
    );
    const { d } = (await keys.private()).keys[0]!;
    expect(stdout + list).not.toContain(d);
  });

  it('asks on a terminal before it deletes a key', async () => {
    const keys = await keyFiles();
    await keys.rotate('--publish-for', '0');
    const terminal = {
      NODE_OPTIONS: '--import=data:text/javascript,process.stdin.isTTY=process.stderr.isTTY=true',
    };
    const args = [...keys.args, '--keep-old', '0'];
    const [before, published] = [await keys.private(), await keys.public()];
    const outcome = await runCli(args, terminal, 'n\n');
    expect(outcome.stderr).toMatch(/A key is deleted.*Nothing was changed/s);
    expect([await keys.private(), await keys.public()]).toEqual([before, published]);
    expect((await runCli(args, terminal, 'y\n')).code).toBe(0);
    expect(await keys.kids()).not.toContain(keys.kid);
  });

  it('fails in one line while another one does not end', async () => {
    const keys = await keyFiles();
    await writeFile(`${keys.file}.lock`, '');
    expectFailure(await runCli(keys.args, {}), /was interrupted: delete .*private\.json\.lock/);
    expect(await keys.kids()).toEqual([keys.kid]);
  });

  it.each<[string, JSONWebKeySet | string, string[], RegExp]>([
    ['no JWK Set', '{}', [], /not a JWK Set/],
    ['no file', '', [], /cannot be read/],
    [
      'an algorithm that is not made here',
      { keys: [{ kty: 'EC', alg: 'ES384', d: 'priv4te' }] },
      [],
      /give --alg/,
    ],
    ['no key', { keys: [] }, [], /give --alg/],
    ['an unknown algorithm', { keys: [] }, ['--alg', 'HS256'], /--alg.*ES256/],
    [
      'a number that is none',
      { keys: [] },
      ['--publish-for', 'soon'],
      /--publish-for.*whole number/,
    ],
    ['one file for both', { keys: [] }, ['--public', 'SAME'], /another file/],
  ])('%s fails in one line', async (_what, content, more, message) => {
    const file = join(await directoryForTest(), 'keys.json');
    if (content !== '')
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    const args = more.map((one) => (one === 'SAME' ? file : one));
    const outcome = await runCli(['keys', 'rotate', file, ...args], {});
    expectFailure(outcome, message);
    expect(outcome.stderr).not.toContain('priv4te');
  });
});
