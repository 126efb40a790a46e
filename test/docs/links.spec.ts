import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/programs.js';

const TOP = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'RELEASING.md'];
const docs = await readdir(join(ROOT, 'docs'));
const pages = [
  ...TOP,
  ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];

/** Links to files of ours, and to headings in them; none to other sites. */
const links = (await Promise.all(pages.map(linksOf))).flat();

describe('A link leads somewhere:', () => {
  it.each(links)('from %s to %s', async (page, link) => {
    const [file, heading] = link.split('#') as [string, string?];
    const target = file === '' ? page : join(dirname(page), file);
    await expect(stat(join(ROOT, target))).resolves.toBeDefined();
    if (heading !== undefined) expect(await headingsOf(target)).toContain(heading);
  });
});

async function linksOf(page: string): Promise<(readonly [page: string, link: string])[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return targets.filter((link) => !/^https?:/.test(link)).map((link) => [page, link] as const);
}

/** As the page's own site names them. */
async function headingsOf(page: string): Promise<string[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
