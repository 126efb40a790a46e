import type { Command } from 'commander';
import { Failure } from '../failure.js';
import { onClients } from './on-clients.js';
import { print } from './output.js';
import { collect, visible } from './values.js';

interface UpdateOptions {
  name?: string | false;
  audience?: string[] | false;
  anyAudience?: boolean;
  introspect?: boolean;
}

export function addClientUpdateCommand(client: Command): void {
  client
    .command('update')
    .description('Change a client, which keeps its secrets and tokens. What is not named stays.')
    .argument('<id>', 'client_id')
    .option('--name <name>', 'what people call it', visible)
    .option('--no-name', 'it has no name')
    .option('--audience <uri>', 'in the place of its audiences; repeatable', collect)
    .option('--no-audience', 'it has no audience')
    .option('--any-audience', 'may see tokens of every audience')
    .option('--no-any-audience', 'may not see tokens of every audience')
    .option('--introspect', 'may introspect')
    .option('--no-introspect', 'may not introspect')
    .option('--json', 'print one JSON object')
    .action(async (clientId: string, options: UpdateOptions, command: Command) => {
      const changes = changesOf(options);
      const { clientText, showClient } = await import('./client-show.js');
      const updated = await onClients(async (clients, dataSource) => {
        await clients.update(clientId, changes);
        return showClient(clientId, dataSource);
      });
      print(command, updated, clientText(updated));
    });
}

function changesOf({ name, audience, anyAudience, introspect }: UpdateOptions) {
  const changes = {
    ...(name === undefined ? {} : { name: name || null }),
    ...(audience === undefined ? {} : { audiences: audience || [] }),
    ...(anyAudience === undefined ? {} : { anyAudience }),
    ...(introspect === undefined ? {} : { mayIntrospect: introspect }),
  };
  if (Object.keys(changes).length > 0) return changes;
  throw new Failure('Say what is to be changed: --name, --audience, --any-audience, --introspect.');
}
