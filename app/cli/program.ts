import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addClientCommands } from './client-commands.js';
import { addKeysCommands } from './keys-commands.js';
import { addMigrateCommand } from './migrate-command.js';
import { addTokenCommands } from './token-commands.js';

const ENVIRONMENT = `
Environment:
  DATABASE_URL  the Postgres to use (default, in a clone: the embedded one below DATA_DIR)
  ISSUER        whose JSON Web Tokens are issued (default: http://localhost:PORT)
  JWKS_FILE     the keys that sign them
  CONFIG_FILE   a JSON file that has these variables
  All variables are the server's own: docs/configuration.md has them.`;

/** Each subcommand prints its result on stdout, and throws when it fails. */
export function createProgram(): Command {
  const program = new Command('introspection')
    .description('Administers the database of token introspection (RFC 7662).')
    .option('--json', 'print one JSON object')
    // Besides -h there are no short options, because Commander would take a token that starts with a dash for some.
    .helpOption('-h, --help', 'explain a command')
    .helpCommand(false)
    .addHelpText('afterAll', ENVIRONMENT)
    .exitOverride();
  program.configureOutput({ outputError: (text, write) => write(inOneLine(withoutValues(text))) });
  program.version(packageVersion(), '--version', 'print the version');
  addMigrateCommand(program);
  addClientCommands(program);
  addTokenCommands(program);
  addKeysCommands(program);
  addHelpCommand(program);
  return program;
}

/** By the package's own name, because the sources and what is compiled are not equally deep. */
function packageVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('nestjs-token-introspection/package.json') as { version: string }).version;
}

/** Commander's own explains the first of several words alone. */
function addHelpCommand(program: Command): void {
  program
    .command('help')
    .description('Explain a command.')
    .argument('[command...]', 'its name, such as: client create')
    .action((names: string[]) => {
      let command = program;
      for (const name of names) {
        const next = command.commands.find((one) => one.name() === name);
        if (!next) command.error(`error: unknown command '${name}'`);
        command = next!;
      }
      command.outputHelp();
    });
}

/**
 * Removes the operator's input from Commander's message, because it can be a secret or a token. What looks
 * like the name of a command or an option stays.
 */
function withoutValues(error: string): string {
  return error
    .replace(/^error: /, '')
    .replace(/ argument '[\s\S]*' is invalid\. /, ': ')
    .replace(/command-argument value '[\s\S]*' is invalid for (argument '\w+')\. /, '$1: ')
    .replace(/(unknown option '[^'=]*)=[\s\S]*'/, "$1'")
    .replace(/(unknown (?:option|command)) '(?!-{0,2}[a-z][a-z-]{0,20}')[\s\S]*'/, '$1');
}

/** Commander has its suggestion on a line of its own. */
function inOneLine(error: string): string {
  return error.replace(/\n(?=\()/, ' ');
}
