import type { Command } from 'commander';
import { Failure, detailOf } from '../failure.js';
import { YES, confirm } from './confirm.js';
import { onClients } from './on-clients.js';
import { print } from './output.js';
import { givenOrRead } from './standard-input.js';
import { atLeast, collect, visible } from './values.js';

interface CreateOptions {
  secret?: string;
  name?: string;
  audience: string[];
  anyAudience?: boolean;
  introspect: boolean;
}

interface RotateOptions {
  keepOld: number;
  yes?: boolean;
}

/** The commands that print a secret. */
export function addClientSecretCommands(client: Command): void {
  client
    .command('create')
    .description('Register a client. The secret is printed once and cannot be had again.')
    .argument('<id>', 'client_id', visible)
    .option(
      '--secret <secret>',
      'a secret of your choice, or - to read it from stdin (default: a generated one)',
      visible,
    )
    .option('--name <name>', 'what people call it', visible)
    .option('--audience <uri>', 'an audience that is this client; repeatable', collect, [])
    .option('--any-audience', 'may see tokens of every audience')
    .option('--no-introspect', 'may not introspect')
    .option('--json', 'print one JSON object')
    .action(async (clientId: string, options: CreateOptions, command: Command) => {
      const { name, audience, anyAudience = false, introspect } = options;
      const secret = options.secret && (await secretFrom(options.secret));
      const created = await onClients((clients) =>
        clients.create({
          clientId,
          audiences: audience,
          anyAudience,
          mayIntrospect: introspect,
          ...(name === undefined ? {} : { name }),
          ...(secret === undefined ? {} : { secret }),
        }),
      );
      printCredentials(command, created);
    });

  client
    .command('rotate-secret')
    .description('Give a client a new secret, which is printed once.')
    .argument('<id>', 'client_id')
    .option('--keep-old <seconds>', 'how long the old ones still work', atLeast(0), 0)
    .option(...YES)
    .option('--json', 'print one JSON object')
    .action(async (clientId: string, options: RotateOptions, command: Command) => {
      const { keepOld } = options;
      if (keepOld === 0) {
        const question = `The secrets of "${clientId}" stop working now, which cannot be undone. Go on?`;
        await confirm(question, options);
      }
      const rotated = await onClients((clients) => clients.rotateSecret(clientId, { keepOld }));
      printCredentials(command, rotated);
    });
}

/** @throws Failure when what was read cannot be a secret: one that is empty or has several lines, for example. */
async function secretFrom(option: string): Promise<string> {
  const secret = await givenOrRead(option);
  try {
    return visible(secret);
  } catch (error) {
    throw new Failure(`The secret on stdin: ${detailOf(error)}`);
  }
}

function printCredentials(
  command: Command,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): void {
  print(
    command,
    { client_id: clientId, client_secret: clientSecret },
    `client_id:     ${clientId}\nclient_secret: ${clientSecret}`,
  );
}
