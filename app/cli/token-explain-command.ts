import type { Command } from 'commander';
import type { Explanation } from './explain-token.js';
import { print, table } from './output.js';
import { tokenFrom } from './standard-input.js';
import { visible } from './values.js';
import { withDatabase } from './with-database.js';

export function addTokenExplainCommand(token: Command): void {
  token
    .command('explain')
    .description('Explain, step by step, what the server decides on a token. Nothing is changed.')
    .argument('<token>', 'the token, or - to read it from stdin')
    .option(
      '--as <client>',
      'the client that asks (default: one that may see every token)',
      visible,
    )
    .option('--json', 'print one JSON object')
    // A token can start with a dash.
    .allowUnknownOption()
    .action(async (value: string, { as }: { as?: string }, command: Command) => {
      const given = await tokenFrom(value);
      const { explainToken } = await import('./explain-token.js');
      const explanation = await withDatabase((dataSource, environment) =>
        explainToken(given, as, dataSource, environment),
      );
      print(command, explanation, textOf(explanation));
    });
}

function textOf({ active, reason, error, steps, advice }: Explanation): string {
  const rows = steps.map(({ step, outcome, detail }) => [step, outcome, detail]);
  const outcome = error === reason ? reason : `${error ?? 'Inactive'}: ${reason}`;
  const answer = active ? 'Active.' : `${outcome}. ${advice}`;
  return `${table(['STEP', 'OUTCOME', 'DETAIL'], rows)}\n\n${answer}`;
}
