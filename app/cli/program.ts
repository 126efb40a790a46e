import { Command } from 'commander';
import { addClientCommands } from './client-commands.js';
import { addKeysCommands } from './keys-commands.js';
import { addMigrateCommand } from './migrate-command.js';
import { addTokenCommands } from './token-commands.js';

/** The operator's command. Each subcommand prints its result on stdout, and throws when it fails. */
export function createProgram(): Command {
  const program = new Command('introspection')
    .description('Administers the database of token introspection (RFC 7662).')
    .option('--json', 'print one JSON object')
    // There are no short options, because Commander would take a token that starts with a dash for one.
    .helpOption('--help', 'explain a command')
    .helpCommand(false)
    .showSuggestionAfterError(false)
    .exitOverride();
  program.configureOutput({ outputError: (text, write) => write(withoutValues(text)) });
  addMigrateCommand(program);
  addClientCommands(program);
  addTokenCommands(program);
  addKeysCommands(program);
  return program;
}

/** Removes the operator's input from Commander's message, because it can be a secret or a token. */
function withoutValues(error: string): string {
  return error
    .replace(/^error: /, '')
    .replace(/ argument '[\s\S]*' is invalid\. /, ': ')
    .replace(/command-argument value '[\s\S]*' is invalid for (argument '\w+')\. /, '$1: ')
    .replace(/(unknown option '[^'=]*)=[\s\S]*'/, "$1'");
}
