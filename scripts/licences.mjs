// Refuses a production dependency whose licence we have not agreed to. Usage: npm run licences
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

/** Licences (SPDX) that ask for no more than their text to be kept. */
const ALLOWED_LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
]);

/** Packages whose manifest names no licence, and what their own files say instead. */
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

/** Before npm 3 a manifest had a list of licences, any of which may be chosen. */
function oldNotation(path) {
  const file = join(root, path, 'package.json');
  const { licenses } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return licenses?.map(({ type }) => type).join(' OR ');
}

/** With OR, one of them is enough; with AND, it is not. */
function isAllowed(licence) {
  return (licence ?? '')
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((one) => ALLOWED_LICENCES.has(one));
}
