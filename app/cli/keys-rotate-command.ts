import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import {
  KEY_ALGORITHMS,
  generateKeySet,
  publicHalf,
  publishKeySet,
  readKeySet,
  replaceKeySet,
  requireTwoFiles,
} from '../environment/key-file.js';
import type { KeyAlgorithm } from '../environment/key-file.js';
import { holdingKeyFile } from '../environment/key-file-lock.js';
import { isPrivateSigningKey, retiredKeys, rotate } from '../environment/key-rotation.js';
import type { RotationAges } from '../environment/key-rotation.js';
import { Failure } from '../failure.js';
import { YES, confirm } from './confirm.js';
import { print } from './output.js';
import { timeText } from './texts.js';
import { atLeast } from './values.js';

interface RotateOptions extends RotationAges {
  readonly public?: string;
  readonly alg?: KeyAlgorithm;
  readonly yes?: boolean;
}

/** Long enough for a server that holds a fetched JWK Set for its usual ten minutes, in seconds. */
const PUBLISH_FOR = 900;

/** In seconds: 30 days. */
const KEEP_OLD = 2_592_000;

export function addKeysRotateCommand(keys: Command): void {
  keys
    .command('rotate')
    .description(
      'Add a key that signs when it has been published for a while, and retire those that signed long ago.',
    )
    .argument('<file>', 'the private JWK Set')
    .option('--public <file>', 'write the public half to this file, for the servers')
    .addOption(
      new Option('--alg <alg>', "the signature algorithm (default: the newest key's)").choices(
        KEY_ALGORITHMS,
      ),
    )
    .option(
      '--publish-for <seconds>',
      'how long the key is published before it signs',
      atLeast(0),
      PUBLISH_FOR,
    )
    .option(
      '--keep-old <seconds>',
      'how long a key still verifies when the next one signs: no token may last longer',
      atLeast(0),
      KEEP_OLD,
    )
    .option(...YES)
    .option('--json', 'print one JSON object')
    .action(async (of: string, options: RotateOptions, command: Command) => {
      const file = resolve(of);
      const published = options.public === undefined ? undefined : resolve(options.public);
      if (published !== undefined) await requireTwoFiles(file, published);
      const { keys: before } = await readKeySet(file);
      await askToRetire(retiredKeys(before, nowSeconds(), options.keepOld).length, options);
      const alg = options.alg ?? algorithmOfNewest(before, file);
      const fresh = (await generateKeySet(alg)).keys[0]!;
      const rotation = await holdingKeyFile(file, async () => {
        const rotated = rotate((await readKeySet(file)).keys, fresh, nowSeconds(), options);
        const jwks = { keys: [...rotated.keys] };
        // First of all, so that whatever happens then, no key signs that is not published.
        if (published !== undefined) await publishKeySet(published, publicHalf(jwks));
        await replaceKeySet(file, jwks);
        return rotated;
      });
      const signsFrom = timeText(rotation.keys.at(-1)!.nbf);
      const retired = rotation.retired.map(({ kid }) => kid ?? null);
      const result = {
        file,
        public: published ?? null,
        kid: fresh.kid,
        alg,
        signs_from: signsFrom,
        retired,
      };
      const text = `The ${alg} key ${fresh.kid} signs from ${signsFrom} on. Keys retired: ${retired.length}.`;
      print(command, result, text);
    });
}

async function askToRetire(count: number, options: RotateOptions): Promise<void> {
  if (count === 0) return;
  const keys = count === 1 ? 'A key is' : `${count} keys are`;
  await confirm(
    `${keys} deleted, and what was signed with it is never active again. Go on?`,
    options,
  );
}

function algorithmOfNewest(
  keys: Awaited<ReturnType<typeof readKeySet>>['keys'],
  file: string,
): KeyAlgorithm {
  const alg = keys.findLast(isPrivateSigningKey)?.alg;
  const known = KEY_ALGORITHMS.find((name) => name === alg);
  if (known) return known;
  throw new Failure(
    `The newest private key in ${file} names no algorithm to go on with: give --alg.`,
  );
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
