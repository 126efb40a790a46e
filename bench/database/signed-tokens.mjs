import { createPrivateKey, generateKeyPair, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AUDIENCE, CLIENT, EXPIRES_AT, ISSUED_AT, ISSUER, SCOPE, subjectOf } from '../fixtures.mjs';
import { progress } from '../machine/progress.mjs';
import { here } from '../setup.mjs';

/** How a key of each algorithm is made, and with which digest it signs. */
export const ALGORITHMS = {
  ES256: { pair: ['ec', { namedCurve: 'P-256' }], digest: 'sha256' },
  RS256: { pair: ['rsa', { modulusLength: 2048 }], digest: 'sha256' },
  EdDSA: { pair: ['ed25519', {}], digest: null },
};

const directory = join(here, '.data', 'jwt');
const keyFile = join(directory, 'jwks.json');
const [makePair, signAsync] = [promisify(generateKeyPair), promisify(sign)];

/** How many are signed at once, so that all cores of ours have work. */
const BATCH = 500;

/** The keys that the signed tokens are verified with: one for each algorithm. @returns a file's path */
export async function keySetFile() {
  if (existsSync(keyFile)) return keyFile;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const keys = [];
  for (const [alg, { pair }] of Object.entries(ALGORITHMS)) {
    const { privateKey } = await makePair(...pair);
    keys.push({ ...privateKey.export({ format: 'jwk' }), alg, kid: alg, use: 'sig' });
  }
  await writeFile(keyFile, JSON.stringify({ keys }), { mode: 0o600 });
  return keyFile;
}

/**
 * A file of signed tokens, one a line, all different and all of the same length. It is kept from run
 * to run and grows as more are needed, because signing takes long.
 * @param {keyof typeof ALGORITHMS} alg
 */
export async function signedTokens(alg) {
  const { keys } = JSON.parse(await readFile(await keySetFile(), 'utf8'));
  const key = createPrivateKey({ key: keys.find(({ kid }) => kid === alg), format: 'jwk' });
  const file = join(directory, `${alg}.txt`);
  let count = existsSync(file) ? await wholeLines(file) : 0;
  return { file, holds };

  /** Signs what is missing. */
  async function holds(wanted) {
    while (count < wanted) {
      progress(`Signing tokens with ${alg}, which are kept: ${count} of ${wanted} …`);
      const numbers = Array.from({ length: BATCH }, (_, at) => count + at);
      const tokens = await Promise.all(numbers.map((number) => signed(alg, key, number)));
      await appendFile(file, `${tokens.join('\n')}\n`);
      count += BATCH;
    }
  }
}

/** Cuts off what an interrupted run has left half written. @returns how many lines there are */
async function wholeLines(file) {
  const text = await readFile(file, 'latin1');
  await truncate(file, text.lastIndexOf('\n') + 1);
  return text.split('\n').length - 1;
}

async function signed(alg, key, number) {
  const header = { alg, typ: 'at+jwt', kid: alg };
  const claims = {
    iss: ISSUER,
    sub: subjectOf(number),
    aud: AUDIENCE,
    client_id: CLIENT.id,
    scope: SCOPE,
    iat: ISSUED_AT,
    exp: EXPIRES_AT,
    jti: String(number).padStart(16, '0'),
  };
  const input = [header, claims].map((part) => base64url(JSON.stringify(part))).join('.');
  const options = { key, dsaEncoding: 'ieee-p1363' };
  const signature = await signAsync(ALGORITHMS[alg].digest, Buffer.from(input), options);
  return `${input}.${base64url(signature)}`;
}

function base64url(data) {
  return Buffer.from(data).toString('base64url');
}
