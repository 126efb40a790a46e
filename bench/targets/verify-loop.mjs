// Nothing but crypto.verify on one core: what a server of any kind cannot be faster than.
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ALGORITHMS } from '../database/signed-tokens.mjs';
import { loop } from './loop.mjs';

const { ALG, KEY_FILE, TOKENS_FILE } = process.env;

/** How many tokens it goes through, over and over. */
const TOKENS = 1000;

const jwk = JSON.parse(readFileSync(KEY_FILE, 'utf8')).keys.find(({ kid }) => kid === ALG);
const key = {
  key: createPublicKey({ key: jwk, format: 'jwk' }),
  dsaEncoding: /** @type {const} */ ('ieee-p1363'),
};
const { digest } = ALGORITHMS[ALG];
const tokens = readFileSync(TOKENS_FILE, 'latin1').split('\n', TOKENS).map(parts);

let at = 0;
await loop(() => {
  const { input, signature } = tokens[at++ % tokens.length];
  if (!verify(digest, input, key, signature)) throw new Error('A signature is wrong.');
});
process.exit(0);

function parts(token) {
  const dot = token.lastIndexOf('.');
  return {
    input: Buffer.from(token.slice(0, dot)),
    signature: Buffer.from(token.slice(dot + 1), 'base64url'),
  };
}
