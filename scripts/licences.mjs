// Fails when a production dependency has a licence that we do not permit. Usage: npm run licences
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAllowed } from './licence-expression.mjs';
import { root } from './setup.mjs';

/** Packages whose manifest names no licence, with the licence that their own files name. */
const READ_BY_HAND = { pause: 'MIT' };

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const found = Object.entries(packages)
  .filter(([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link)
  .map(([path, entry]) => ({
    name: path.split('node_modules/').at(-1),
    ...licenceOf(path, entry),
  }));
const refused = found.filter(({ licence }) => !isAllowed(licence));

for (const { name, version, licence } of refused) {
  console.log(`${name} ${version} is under ${licence ?? 'no licence that it names'}.`);
}
const kinds = [...new Set(found.map(({ licence }) => licence))].join(', ');
console.log(`${found.length} production packages, ${refused.length} refused; licences: ${kinds}.`);
process.exitCode = refused.length === 0 ? 0 : 1;

function licenceOf(path, { version, license }) {
  const name = path.split('node_modules/').at(-1);
  return { version, licence: license ?? oldNotation(path) ?? READ_BY_HAND[name] };
}

/** Before npm 3 a manifest had a list of licences, and the user may choose one. */
function oldNotation(path) {
  const file = join(root, path, 'package.json');
  const { licenses } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return licenses?.map(({ type }) => type).join(' OR ');
}
