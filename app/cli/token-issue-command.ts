import { Option } from 'commander';
import type { Command } from 'commander';
import { Failure } from '../failure.js';
import { requireServedIssuer } from '../environment/served-issuer.js';
import type { TokenRequest } from '../environment/issue-token.js';
import { print } from './output.js';
import { atLeast, collect, jsonObject, visible } from './values.js';
import { withDatabase } from './with-database.js';

interface IssueOptions {
  client: string;
  format: 'opaque' | 'jwt';
  sub?: string;
  username?: string;
  scope?: string;
  audience: string[];
  expiresIn: number;
  notBefore?: number;
  claims?: Record<string, unknown>;
  extendedClaims?: Record<string, unknown>;
}

/** Members that `--claims` must not have: other options set them, or the operator may not set them. */
const REFUSED_CLAIMS = [
  'active',
  'client_id',
  'username',
  'scope',
  'sub',
  'aud',
  'iss',
  'exp',
  'iat',
  'nbf',
  'jti',
  'token_type',
  'extended_claims',
  '__proto__',
];

export function addTokenIssueCommand(token: Command): void {
  token
    .command('issue')
    .description('Issue a token. It is printed once and cannot be had again.')
    .requiredOption('--client <id>', 'the client that it is issued to', visible)
    .addOption(
      new Option('--format <format>', 'what kind of token')
        .choices(['opaque', 'jwt'])
        .default('opaque'),
    )
    .option('--sub <sub>', 'the subject (default: none; of a JWT, the client)', visible)
    .option('--username <username>', 'what people call the subject', visible)
    .option('--scope <scope>', 'the scopes, with a space between them', visible)
    .option('--audience <uri>', 'whom it is meant for; repeatable', collect, [])
    .option('--expires-in <seconds>', 'its lifetime', atLeast(1), 3600)
    .option(
      '--not-before <seconds>',
      'when it becomes valid, from now (default: at once)',
      atLeast(0),
    )
    .option('--claims <json>', 'further members of the answer; cnf binds it to a key', jsonObject)
    .option('--extended-claims <json>', 'the member extended_claims of the answer', jsonObject)
    .option('--json', 'print one JSON object')
    .action(async (options: IssueOptions, command: Command) => {
      const request = toRequest(options);
      const { issueToken } = await import('../environment/issue-token.js');
      const accessToken = await withDatabase(async (dataSource, environment) => {
        // An opaque token is the server's whatever its issuer is called.
        if (request.format === 'jwt') await requireServedIssuer(environment);
        return issueToken(environment, dataSource, request);
      });
      const result = {
        access_token: accessToken,
        token_type: request.cnf?.['jkt'] === undefined ? 'Bearer' : 'DPoP',
        expires_in: request.expiresInSeconds,
      };
      print(command, result, accessToken);
    });
}

function toRequest({
  client,
  audience,
  claims = {},
  expiresIn,
  notBefore,
  ...options
}: IssueOptions): TokenRequest {
  const { cnf, ...extensions } = claims;
  const taken = REFUSED_CLAIMS.filter((name) => Object.hasOwn(extensions, name));
  if (taken.length > 0) {
    throw new Failure(
      `--claims must not have ${taken.join(', ')}: standard members have options of their own.`,
    );
  }
  if (cnf !== undefined && (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf))) {
    throw new Failure('In --claims, cnf must be an object (RFC 7800 §3.1).');
  }
  if ((notBefore ?? 0) >= expiresIn) {
    throw new Failure('--not-before must be less than --expires-in, or the token is never valid.');
  }
  return {
    ...options,
    clientId: client,
    audiences: audience,
    expiresInSeconds: expiresIn,
    notBeforeSeconds: notBefore,
    cnf: cnf as TokenRequest['cnf'],
    claims: extensions,
  };
}
