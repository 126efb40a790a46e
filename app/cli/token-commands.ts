import type { Command } from 'commander';
import { print } from './output.js';
import { tokenFrom } from './standard-input.js';
import { addTokenExplainCommand } from './token-explain-command.js';
import { addTokenIssueCommand } from './token-issue-command.js';
import { atLeast } from './values.js';
import { withDatabase } from './with-database.js';

export function addTokenCommands(program: Command): void {
  const token = program
    .command('token')
    .description('Issue, explain, revoke and clear away tokens.');
  addTokenIssueCommand(token);
  addTokenExplainCommand(token);

  token
    .command('revoke')
    .description('Revoke a token, opaque or JWT: it is inactive from now on.')
    .argument('<token>', 'the token, or - to read it from stdin')
    .option('--json', 'print one JSON object')
    // A token can start with a dash.
    .allowUnknownOption()
    .action(async (value: string, _options: unknown, command: Command) => {
      const given = await tokenFrom(value);
      const { revokeGivenToken } = await import('./revoke-token.js');
      const kind = await revokeGivenToken(given);
      const text = kind === 'jwt' ? 'The JSON Web Token is revoked.' : 'The token is revoked.';
      print(command, { revoked: true, format: kind }, text);
    });

  token
    .command('purge')
    .description('Delete what has expired, a batch at a time, while the server runs.')
    .option('--batch <rows>', 'most rows in one transaction', atLeast(1), 1000)
    .option('--json', 'print one JSON object')
    .action(async ({ batch: mostRows }: { batch: number }, command: Command) => {
      const { purgeTokens } = await import('./purge-tokens.js');
      const purged = await withDatabase((dataSource) => purgeTokens(dataSource, mostRows));
      const { opaque, jwt } = purged;
      const result = { opaque_tokens: opaque, revoked_jwts: jwt };
      print(command, result, `Deleted ${opaque} opaque tokens and ${jwt} revocations of JWTs.`);
    });
}
