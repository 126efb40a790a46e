import type { Command } from 'commander';
import { onClients } from './on-clients.js';
import { print, table } from './output.js';
import { audiencesText } from './texts.js';

export function addClientShowCommands(client: Command): void {
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
    audiencesText(client),
    client.name ?? '-',
  ]);
  const headings = ['CLIENT', 'ENABLED', 'INTROSPECTS', 'AUDIENCES', 'NAME'];
  print(command, { clients: result }, table(headings, rows));
}
