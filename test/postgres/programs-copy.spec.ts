import { chmod, cp, mkdir, readdir, rm, stat, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { postgresPrograms } from '../../app/postgres/postgres-programs.js';
import { copiedPrograms } from '../../app/postgres/programs-copy.js';
import { run } from '../support/command.js';
import { directoryForTest } from '../support/programs.js';

const programs = await postgresPrograms(undefined);

describe('the copy of the programs', () => {
  it('is for every user to run and for no other to change, whatever the package’s files allow', async () => {
    const folder = await directoryForTest();
    const closed = await closedPackage();
    const copied = await copiedPrograms(closed, undefined, folder);
    await rm(dirname(closed.folder), { recursive: true });
    for (const name of ['initdb', 'pg_ctl', 'postgres'] as const) {
      const { stdout } = await run(copied[name], ['--version'], { cwd: '/' });
      expect(stdout).toMatch(/PostgreSQL\) \d/);
    }
    const [copy, ...others] = await readdir(folder);
    expect(others).toEqual([]);
    for (const path of ['', ...(await readdir(join(folder, copy!), { recursive: true }))]) {
      const { mode } = await stat(join(folder, copy!, path));
      const executable = (mode & 0o100) !== 0;
      expect(mode & 0o777, path).toBe(executable ? 0o755 : 0o644);
    }
  });

  it('is made once, however many need it at the same time', async () => {
    const folder = await directoryForTest();
    const copies = () =>
      Promise.all([1, 2, 3].map(() => copiedPrograms(programs, undefined, folder)));
    const [{ initdb }] = (await copies()) as [typeof programs];
    await utimes(initdb, 1, 1);
    expect(await copies()).toEqual(Array(3).fill(expect.objectContaining({ initdb })));
    expect((await stat(initdb)).mtimeMs).toBe(1000);
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('is not left half made, nor made of programs that do not run', async () => {
    const folder = await directoryForTest();
    const broken = await closedPackage();
    await rm(join(broken.folder, 'native', 'lib'), { recursive: true });
    await expect(copiedPrograms(broken, undefined, folder)).rejects.toThrow(/shared librar|dyld/);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a folder that all may write to', (copy: string) => chmod(copy, 0o777)],
    [
      'a link to somewhere else',
      async (copy: string) => {
        await rm(copy, { recursive: true });
        await symlink(dirname(dirname(programs.postgres)), copy);
      },
    ],
    ['below a folder that all may write to', (copy: string) => chmod(dirname(copy), 0o777)],
  ])('is not used where another could have prepared it: %s', async (_, prepare) => {
    const folder = await directoryForTest();
    const { initdb } = await copiedPrograms(programs, undefined, folder);
    await prepare(dirname(dirname(initdb)));
    await expect(copiedPrograms(programs, undefined, folder)).rejects.toThrow(
      /^other users can change \//,
    );
  });
});

/** The package as npm installs it where all that is new is closed to others. */
async function closedPackage() {
  const folder = join(await directoryForTest(), 'package');
  await mkdir(folder);
  await cp(join(dirname(dirname(programs.postgres)), '..'), folder, {
    recursive: true,
    verbatimSymlinks: true,
  });
  await run('chmod', ['-R', 'go=', folder], { cwd: '/' });
  const at = (name: string) => join(folder, 'native', 'bin', name);
  return { folder, initdb: at('initdb'), pg_ctl: at('pg_ctl'), postgres: at('postgres') };
}
