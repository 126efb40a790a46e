import type { Command } from 'commander';
import { addClientSecretCommands } from './client-secret-commands.js';
import { addClientShowCommands } from './client-show-commands.js';
import { addClientUpdateCommand } from './client-update-command.js';
import { YES, confirm } from './confirm.js';
import { onClients } from './on-clients.js';
import { print } from './output.js';

export function addClientCommands(program: Command): void {
  const client = program
    .command('client')
    .description('Register clients: resource servers that introspect, and whom tokens go to.');
  addClientSecretCommands(client);
  addClientUpdateCommand(client);
  addClientShowCommands(client);

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
}
