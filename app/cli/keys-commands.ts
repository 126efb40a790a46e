import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import {
  KEY_ALGORITHMS,
  generateKeySet,
  publicHalf,
  publishKeySet,
  readKeySet,
  requireTwoFiles,
  writeKeySet,
} from '../environment/key-file.js';
import type { KeyAlgorithm } from '../environment/key-file.js';
import { addKeysListCommand } from './keys-list-command.js';
import { addKeysRotateCommand } from './keys-rotate-command.js';
import { print } from './output.js';

export function addKeysCommands(program: Command): void {
  const keys = program
    .command('keys')
    .description('Make and rotate the keys that sign JSON Web Tokens.');

  keys
    .command('generate')
    .description('Make a private JWK Set with one key: for JWKS_FILE.')
    .addOption(
      new Option('--alg <alg>', 'the signature algorithm').choices(KEY_ALGORITHMS).default('ES256'),
    )
    .option('--out <file>', 'write it to a new file, which its owner alone can read')
    .option('--json', 'print one JSON object')
    .action(async ({ alg, out }: { alg: KeyAlgorithm; out?: string }, command: Command) => {
      const jwks = await generateKeySet(alg);
      if (out === undefined) return print(command, jwks, JSON.stringify(jwks, null, 2));
      const file = resolve(out);
      await writeKeySet(file, jwks);
      const kid = jwks.keys[0]!.kid;
      return print(command, { file, kid, alg }, `Wrote the ${alg} key ${kid} to ${file}.`);
    });

  keys
    .command('public')
    .description('Make the public half of a JWK Set: the JWKS_FILE of a server that does not sign.')
    .argument('<file>', 'the private JWK Set')
    .option('--out <file>', 'write it to this file, in the place of the one before')
    .option('--json', 'print one JSON object')
    .action(async (of: string, { out }: { out?: string }, command: Command) => {
      const jwks = publicHalf(await readKeySet(resolve(of)));
      if (out === undefined) return print(command, jwks, JSON.stringify(jwks, null, 2));
      const file = resolve(out);
      await requireTwoFiles(resolve(of), file);
      await publishKeySet(file, jwks);
      const kids = jwks.keys.map(({ kid }) => kid ?? null);
      return print(command, { file, kids }, `Wrote the public keys to ${file}: ${kids.length}.`);
    });

  addKeysListCommand(keys);
  addKeysRotateCommand(keys);
}
