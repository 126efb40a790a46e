import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { JWK } from 'jose';
import { readKeySet } from '../environment/key-file.js';
import { signedUntil, signsFrom, stateOf } from '../environment/key-rotation.js';
import { print, table } from './output.js';
import { timeText } from './texts.js';

export function addKeysListCommand(keys: Command): void {
  keys
    .command('list')
    .description('List the keys of a JWK Set, and which of them signs; never a private part.')
    .argument('<file>', 'the JWK Set')
    .option('--json', 'print one JSON object')
    .action(async (of: string, _options: unknown, command: Command) => {
      const jwks = await readKeySet(resolve(of));
      const now = Date.now() / 1000;
      const listed = jwks.keys.map((key) => listedKey(key, jwks.keys, now));
      const rows = listed.map((key) => Object.values(key).map((value) => value ?? '-'));
      const headings = ['KID', 'ALG', 'STATE', 'SIGNS FROM', 'SIGNED UNTIL'];
      print(command, { keys: listed }, table(headings, rows));
    });
}

function listedKey(key: JWK, keys: readonly JWK[], now: number) {
  const state = stateOf(key, keys, now);
  const from = state === 'other' ? -Infinity : signsFrom(key);
  const until = state === 'old' ? signedUntil(key, keys, now) : undefined;
  return {
    kid: key.kid ?? null,
    alg: key.alg ?? null,
    state,
    /** null: from the beginning, or never. */
    signs_from: Number.isFinite(from) ? timeText(from) : null,
    signed_until: until === undefined ? null : timeText(until),
  };
}
