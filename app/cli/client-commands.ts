import type { Command } from 'commander';
import { Failure, detailOf } from '../failure.js';
import { addClientUpdateCommand } from './client-update-command.js';
import { YES, confirm } from './confirm.js';
import { onClients } from './on-clients.js';
import { print, table } from './output.js';
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

export function addClientCommands(program: Command): void {
  const client = program
    .command('client')
    .description('Register clients: resource servers that introspect, and whom tokens go to.');

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

  addClientUpdateCommand(client);

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

  for (const [name, enabled, description] of [
    ['disable', false, 'Refuse a client from now on, and hold all its tokens inactive.'],
    ['enable', true, 'Take a disabled client back, with its tokens.'],
  ] as const) {
    client
      .command(name)
      .description(description)
      .argument('<id>', 'client_id')
      .option('--json', 'print one JSON object')
      .action(async (clientId: string, _options: unknown, command: Command) => {
        await onClients((clients) => clients.setEnabled(clientId, enabled));
        print(command, { client_id: clientId, enabled }, `The client "${clientId}" is ${name}d.`);
      });
  }

  client
    .command('delete')
    .description('Delete a client with its secrets and its opaque tokens.')
    .argument('<id>', 'client_id')
    .option(...YES)
    .option('--json', 'print one JSON object')
    .action(async (clientId: string, options: { yes?: boolean }, command: Command) => {
      const question = `Delete the client "${clientId}" with its secrets and tokens, for good?`;
      await confirm(question, options);
      await onClients((clients) => clients.delete(clientId));
      const result = { client_id: clientId, deleted: true };
      print(command, result, `The client "${clientId}" is deleted.`);
    });

  client
    .command('list')
    .description('List the clients, without secrets.')
    .option('--json', 'print one JSON object')
    .action(async (_options: unknown, command: Command) => list(command));

  client
    .command('show')
    .description('Show a client, and from when until when each of its secrets works.')
    .argument('<id>', 'client_id')
    .option('--json', 'print one JSON object')
    .action(async (clientId: string, _options: unknown, command: Command) => {
      const { clientText, showClient } = await import('./client-show.js');
      const shown = await onClients((_clients, dataSource) => showClient(clientId, dataSource));
      print(command, shown, clientText(shown));
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

async function list(command: Command): Promise<void> {
  const clients = await onClients((repository) => repository.list());
  const result = clients.map((client) => ({
    client_id: client.clientId,
    name: client.name ?? null,
    enabled: client.enabled,
    may_introspect: client.mayIntrospect,
    audiences: client.audiences,
    any_audience: client.anyAudience,
  }));
  const rows = result.map((client) => [
    client.client_id,
    client.enabled ? 'yes' : 'no',
    client.may_introspect ? 'yes' : 'no',
    client.any_audience ? '(any)' : client.audiences.join(' ') || '-',
    client.name ?? '-',
  ]);
  const headings = ['CLIENT', 'ENABLED', 'INTROSPECTS', 'AUDIENCES', 'NAME'];
  print(command, { clients: result }, table(headings, rows));
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
