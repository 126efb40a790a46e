import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { blocks } from '../../scripts/samples.mjs';
import { databaseForTest } from '../support/database.js';
import { emptyDatabase } from '../support/empty-database.js';
import { manifest } from '../support/manifest.js';
import { ROOT, directoryForTest } from '../support/programs.js';

/** What the shell only notes, because another test runs it. */
const ELSEWHERE: readonly (readonly [what: RegExp, where: string])[] = [
  [/^npm install nestjs-token-introspection\b/, 'test/package'],
  [/^docker-compose (--profile demo )?up --build$/, 'test/stack'],
  [/^npx vitest run /, 'whoever develops'],
];

const shells = (await blocks()).filter(({ language }) => language === 'sh');
const pages = [...new Set(shells.map(({ page }) => page))];

describe('Every command that a page shows works, one after the other:', () => {
  it.each(pages)('%s', async (page) => {
    const directory = await directoryForTest();
    const noted = join(directory, 'elsewhere.txt');
    await writeFile(noted, '');
    const script = shells.filter((one) => one.page === page).map(({ code }) => code);
    await writeFile(join(directory, 'page.sh'), script.join('\n'));
    const migrates = script.some((code) => /^introspection migrate/m.test(code));
    const DATABASE_URL = migrates ? await emptyDatabase() : (await databaseForTest()).url;
    const { code, output } = await bash(directory, { ROOT, DATABASE_URL, ELSEWHERE: noted });
    expect(code, output).toBe(0);
    const commands = (await readFile(noted, 'utf8')).split('\n').filter(Boolean);
    expect(commands.filter((command) => !isRunElsewhere(command))).toEqual([]);
  });
});

/** A script of package.json is run by CI or by hand; what is checked here is that there is one. */
function isRunElsewhere(command: string): boolean {
  const [, script] = /^npm (?:run )?(?:-s )?(\S+)/.exec(command) ?? [];
  if (script !== undefined && script in manifest.scripts) return true;
  return ELSEWHERE.some(([what]) => what.test(command));
}

async function bash(directory: string, variables: NodeJS.ProcessEnv) {
  const shell = fileURLToPath(new URL('shell.sh', import.meta.url));
  const child = spawn('bash', [shell, 'page.sh'], {
    cwd: directory,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { code, output: `${output}\n${errors}` };
}
