import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const SCRIPT = join(process.cwd(), 'scripts', 'layers.mjs');

let check: (root: string) => { faults: string[]; sum: string };
beforeAll(async () => {
  ({ check } = await import(pathToFileURL(SCRIPT).href));
});

type Tree = Record<string, string>;

const CLEAN: Tree = {
  'app/server/main.ts': "import '../environment/database.js'; import '../../src/index.js';",
  'app/cli/main.ts': "import '../environment/database.js'; import '../../migrations/index.js';",
  'app/environment/database.ts': "export const open = () => import('../postgres/cluster.js');",
  'app/postgres/cluster.ts': "import '../../src/model/client.js';",
  'src/index.ts': "export * from './http/guard.js'; export * from '../migrations/index.js';",
  'src/introspection.module.ts': "import './http/guard.js';",
  'src/http/guard.ts': "import '@nestjs/common'; import './send.js'; import '../jwt/key.js';",
  'src/http/send.ts': "export type { Client } from '../model/client.js';",
  'src/jwt/key.ts': "export type Client = import('../model/client.js').Client;",
  'src/schema/entities.ts': "import '../../migrations/index.js';",
  'src/model/client.ts': 'export interface Client { id: string }',
  'migrations/index.ts': "export * from './1-first.js';",
  'migrations/1-first.ts': 'export class First {}',
};

const GUARD = 'src/http/guard.ts: upward, src/model is below src/http';

describe('The order of the folders', () => {
  it('is kept by a tree whose imports point down, stay in a folder or lead to a package', () => {
    expect(check(tree({})).faults).toEqual([]);
  });

  it.each<[string, Tree, string]>([
    [
      'an import upward',
      { 'src/model/a.ts': "import { guard } from '../http/guard.js';" },
      `src/model/a.ts imports ${GUARD}`,
    ],
    [
      'an import of a type upward',
      { 'src/model/a.ts': "import type { Guard } from '../http/guard.js';" },
      `src/model/a.ts imports ${GUARD}`,
    ],
    [
      'an export from above',
      { 'src/model/a.ts': "export * from '../http/guard.js';" },
      `src/model/a.ts imports ${GUARD}`,
    ],
    [
      'import() upward',
      { 'src/model/a.ts': "export const guard = () => import('../http/guard.js');" },
      `src/model/a.ts imports ${GUARD}`,
    ],
    [
      'import() upward as a type',
      { 'src/model/a.ts': "export type Guard = typeof import('../http/guard.js');" },
      `src/model/a.ts imports ${GUARD}`,
    ],
    [
      'an import of app from src',
      { 'src/http/a.ts': "import '../../app/server/main.js';" },
      'src/http/a.ts imports app/server/main.ts: upward, src/http is below app/server',
    ],
    [
      'an import of src from a migration',
      { 'migrations/2-second.ts': "import '../src/model/client.js';" },
      'migrations/2-second.ts imports src/model/client.ts: upward, migrations is below src/model',
    ],
    [
      'an import of a migration from where no schema is made',
      { 'src/http/a.ts': "import '../../migrations/index.js';" },
      'src/http/a.ts imports migrations/index.ts: only app, src/index.ts, src/schema may import migrations',
    ],
    [
      'an import of a neighbour in src',
      { 'src/tokens/a.ts': "import '../jwt/key.js';" },
      'src/tokens/a.ts imports src/jwt/key.ts: sideways, src/tokens and src/jwt stand side by side',
    ],
    [
      'an import of a neighbour in app',
      { 'app/cli/a.ts': "import '../server/main.js';" },
      'app/cli/a.ts imports app/server/main.ts: sideways, app/cli and app/server stand side by side',
    ],
    [
      'a static import of what is not published',
      { 'app/environment/a.ts': "import '../postgres/cluster.js';" },
      'app/environment/a.ts imports app/postgres/cluster.ts: app/postgres may be imported by import() alone',
    ],
    [
      'an import of what is elsewhere',
      { 'src/http/a.ts': "import '../../test/support/host.js';" },
      'src/http/a.ts imports test/support/host.ts: it is in none of the layers',
    ],
    [
      'a circle',
      {
        'src/tokens/a.ts': "import './b.js';",
        'src/tokens/b.ts': "import type { C } from './c.js';",
        'src/tokens/c.ts': "import './a.js'; import './b.js';",
      },
      'src/tokens/a.ts → src/tokens/b.ts → src/tokens/c.ts → src/tokens/a.ts: a circle',
    ],
    [
      'a circle of two',
      { 'migrations/2-a.ts': "import './2-b.js';", 'migrations/2-b.ts': "import './2-a.js';" },
      'migrations/2-a.ts → migrations/2-b.ts → migrations/2-a.ts: a circle',
    ],
    ['a file beside the folders', { 'src/a.ts': '' }, 'src/a.ts is in none of the layers'],
    ['a folder of no rank', { 'src/new/a.ts': '' }, 'src/new/a.ts is in none of the layers'],
  ])('is broken by %s', (_, planted, fault) => {
    const { faults, sum } = check(tree(planted));
    expect(faults).toContain(fault);
    expect(sum).toMatch(/^\d+ files, \d+ imports, faults: [1-9]\d*\.$/);
  });

  it('ends the command with all lines and a status', () => {
    const sum = '13 files, 15 imports, no circle, none upward.\n';
    expect(run(tree({}))).toMatchObject({ stdout: sum, status: 0 });
    const upward = { 'src/model/a.ts': "import '../http/guard.js';" };
    expect(run(tree(upward))).toMatchObject({
      stdout: `src/model/a.ts imports ${GUARD}\n14 files, 16 imports, faults: 1.\n`,
      status: 1,
    });
  });
});

/** The clean tree with these files. */
function tree(planted: Tree) {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [file, text] of Object.entries({ ...CLEAN, ...planted })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

/** What `npm run layers` does. */
function run(root: string) {
  return spawnSync(process.execPath, [SCRIPT, root], { encoding: 'utf8' });
}
