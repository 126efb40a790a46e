// Finds out which files of a tree import which, with TypeScript's own parser.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** @returns paths relative to the root, with slashes. Imports of packages are left out. */
export function readImports(root, folders) {
  const files = folders.flatMap((folder) => sourcesIn(root, folder));
  return { files, imports: files.flatMap((file) => importsOf(root, file)) };
}

function sourcesIn(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((name) => /\.[cm]?tsx?$/.test(name) && !name.includes('node_modules/'))
    .sort();
}

/** The files that a file imports, each once; `atLoad`: not only by import(), so together with the file. */
function importsOf(root, from) {
  const found = new Map();
  const visit = (node) => {
    const name = importedName(node);
    if (name?.startsWith('.')) {
      const to = posix.join(posix.dirname(from), name).replace(/\.([cm]?)js$/, '.$1ts');
      const later = ts.isCallExpression(node) || ts.isImportTypeNode(node);
      found.set(to, { from, to, atLoad: !later || found.get(to)?.atLoad === true });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(from, readFileSync(join(root, from), 'utf8'), ts.ScriptTarget.Latest));
  return [...found.values()];
}

/** The path that a node imports by `import … from`, `export … from`, `import x = require()`, `import()`, and `import()` as a type. */
function importedName(node) {
  let name;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) name = node.moduleSpecifier;
  else if (ts.isExternalModuleReference(node)) name = node.expression;
  else if (ts.isImportTypeNode(node)) name = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    [name] = node.arguments;
  }
  return name && ts.isStringLiteralLike(name) ? name.text : undefined;
}
