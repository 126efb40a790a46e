import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocks } from '../../scripts/samples.mjs';
import { pack } from '../hosts/packages.js';
import { run } from '../support/command.js';

const MINUTES = 60_000;
const NPM_QUIETLY = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** As `nest new` makes them, with what TypeORM and our package need besides. */
const HOSTS = ['nest-11-jest', 'nest-12-jest', 'nest-12-vitest'] as const;
type HostName = (typeof HOSTS)[number];

const samples = await blocks();
const APPLICATION = codeOf('testing/app.module');
const ITS_TEST = codeOf('testing/app-test');
const LINE_FOR_JEST = samples.find(
  ({ page, language }) => page === 'testing' && language === 'json',
)!.code;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'introspection-tests-of-hosts-'));
  const tarball = await pack(directory);
  for (const host of HOSTS) await create(host, tarball);
}, 10 * MINUTES);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('What docs/testing.md shows runs', () => {
  it.each<[host: HostName, options: string[], path?: () => string]>([
    ['nest-12-vitest', []],
    ['nest-12-jest', []],
    ['nest-11-jest', ['--config=with-our-line.json']],
    ['nest-11-jest', ['--config=with-our-line.json'], node24],
  ])(
    'in the host %s %j',
    async (host, options, path) => {
      const { stdout, stderr } = await test(host, options, path?.());
      expect(`${stdout}${stderr}`).toMatch(/Tests:? +.*3 passed/);
      expect(`${stdout}${stderr}`).not.toMatch(/did not exit|failed|open handle/);
    },
    4 * MINUTES,
  );

  it(
    'in Jest on NestJS 11 only with the line',
    async () => {
      await expect(test('nest-11-jest')).rejects.toThrow('Must use import to load ES Module');
    },
    4 * MINUTES,
  );
});

describe('The types of nestjs-token-introspection/testing are found', () => {
  it.each<[host: HostName, options: string[]]>([
    ['nest-12-vitest', []],
    ['nest-12-jest', []],
    ['nest-11-jest', []],
    ['nest-11-jest', ['--module', 'commonjs', '--moduleResolution', 'node10']],
  ])(
    'in the host %s %j',
    async (host, options) => {
      await run('npx', ['--no', 'tsc', '--', '--noEmit', ...options], inFolderOf(host));
    },
    4 * MINUTES,
  );
});

async function create(host: HostName, tarball: string): Promise<void> {
  const { cwd } = inFolderOf(host);
  await cp(fileURLToPath(new URL(`hosts/${host}`, import.meta.url)), cwd, { recursive: true });
  await mkdir(join(cwd, 'src'));
  await writeFile(join(cwd, 'src', 'app.module.ts'), APPLICATION);
  await writeFile(join(cwd, 'src', 'app.spec.ts'), asInHost(host));
  if (host === 'nest-11-jest') {
    const config = JSON.parse(await readFile(join(cwd, 'jest.config.json'), 'utf8')) as object;
    const line = JSON.parse(`{${LINE_FOR_JEST}}`) as object;
    const whole = JSON.stringify({ ...config, ...line });
    await writeFile(join(cwd, 'with-our-line.json'), whole);
  }
  await run('npm', ['install', tarball, ...NPM_QUIETLY], inFolderOf(host));
}

/** The globals of Jest are there without an import, and ts-jest takes paths as CommonJS has them. */
function asInHost(host: HostName): string {
  if (host === 'nest-12-vitest') return ITS_TEST;
  return ITS_TEST.replace(/^import .* from 'vitest';\n/m, '').replace('.module.js', '.module');
}

function test(host: HostName, options: readonly string[] = [], path = process.env['PATH']) {
  const { cwd } = inFolderOf(host);
  // No test of a host may find a Postgres.
  const env = { PATH: path, DATABASE_URL: undefined, NODE_ENV: undefined, VITEST: undefined };
  return run('npm', ['test', '--', ...options], { cwd, env });
}

/** The search path of the host that has brought Node 24 along. */
function node24(): string {
  const { cwd } = inFolderOf('nest-12-jest');
  return [join(cwd, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
}

function inFolderOf(host: HostName): { cwd: string } {
  return { cwd: join(directory, host) };
}

function codeOf(id: string): string {
  return samples.find(({ page, name }) => `${page}/${name}` === id)!.code;
}
