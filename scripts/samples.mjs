// Writes the TypeScript samples of README and docs to files, which are type-checked and which tests import.
// ```ts app-module in docs/options.md becomes test/docs/samples/options/app-module.ts.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SAMPLES = join(ROOT, 'test', 'docs', 'samples');
const OUTSIDE_DOCS = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md'];

/** Every page, by its path below the root. */
export async function pages() {
  const names = await readdir(join(ROOT, 'docs'));
  const docs = names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return [...OUTSIDE_DOCS, ...docs.sort()];
}

/** The fenced blocks of all pages: `{ page, line, language, name, code }`. */
export async function blocks() {
  const found = await Promise.all((await pages()).map(blocksOf));
  return found.flat();
}

async function blocksOf(page) {
  const text = await readFile(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\S*) *(\S*)\n([^]*?)^```$/gm)].map((match) => ({
    page: basename(page, '.md').toLowerCase(),
    line: text.slice(0, match.index).split('\n').length,
    language: match[1],
    name: match[2],
    code: match[3],
  }));
}

export async function writeSamples() {
  await rm(SAMPLES, { recursive: true, force: true });
  for (const { page, line, language, name, code } of await blocks()) {
    if (language !== 'ts') continue;
    if (!name) throw new Error(`The sample in ${page}, line ${line}, has no name: \`\`\`ts NAME`);
    const file = join(SAMPLES, page, `${name}.ts`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, code, { flag: 'wx' });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeSamples();
