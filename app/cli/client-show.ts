import type { DataSource } from 'typeorm';
import { ClientNotFoundError } from '../../src/model/client-errors.js';
import { ClientEntity, ClientSecretEntity } from '../../src/schema/client.entity.js';
import { table } from './output.js';
import { audiencesText, timeText } from './texts.js';

interface SecretTimes {
  created_at: Date;
  expires_at: Date | null;
}

/** What is known of a client. Of its secrets there are the times alone: their hashes are not read. @throws ClientNotFoundError */
export async function showClient(clientId: string, { manager }: DataSource) {
  const client = await manager.findOneBy(ClientEntity, { clientId });
  if (!client) throw new ClientNotFoundError(clientId);
  const secrets = await manager
    .createQueryBuilder(ClientSecretEntity, 'secret')
    .select('secret.createdAt', 'created_at')
    .addSelect('secret.expiresAt', 'expires_at')
    .where('secret.clientId = :clientId', { clientId })
    .orderBy('secret.createdAt')
    .getRawMany<SecretTimes>();
  return {
    client_id: clientId,
    name: client.name,
    enabled: client.enabled,
    may_introspect: client.mayIntrospect,
    audiences: client.audiences,
    any_audience: client.anyAudience,
    created_at: client.createdAt,
    /** JWTs from before are inactive, because the id was deleted then. */
    tokens_from: client.tokensFrom,
    secrets: secrets.map((times, at) => ({ number: at + 1, ...times })),
  };
}

type ShownClient = Awaited<ReturnType<typeof showClient>>;

export function clientText({ secrets, ...client }: ShownClient): string {
  const facts = [
    ['CLIENT', client.client_id],
    ['NAME', client.name ?? '-'],
    ['ENABLED', client.enabled ? 'yes' : 'no'],
    ['INTROSPECTS', client.may_introspect ? 'yes' : 'no'],
    ['AUDIENCES', audiencesText(client)],
    ['CREATED', timeText(client.created_at)],
    ...(client.tokens_from ? [['JWTS FROM', timeText(client.tokens_from)]] : []),
  ];
  const rows = secrets.map(({ number, created_at, expires_at }) => [
    String(number),
    timeText(created_at),
    expires_at ? timeText(expires_at) : 'never',
  ]);
  return `${table(facts[0]!, facts.slice(1))}\n\n${table(['SECRET', 'CREATED', 'EXPIRES'], rows)}`;
}
