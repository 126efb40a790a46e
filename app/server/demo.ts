import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { TypeOrmClientRepository } from '../../src/clients/typeorm-client.repository.js';
import type { NewClient } from '../../src/clients/typeorm-client.repository.js';
import { ClientExistsError } from '../../src/model/client-errors.js';
import type { Environment } from '../environment/environment.js';
import { issueToken } from '../environment/issue-token.js';
import { generateKeySet, writeKeySet } from '../environment/key-file.js';
import { demoKeyFile } from '../environment/signing-key.js';

const RESOURCE_SERVER_ID = 'demo-resource-server';
const CLIENT_ID = 'demo-client';
const AUDIENCE = 'https://demo-resource-server.example';
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

export interface Demo {
  clientId: string;
  clientSecret: string;
  opaqueToken: string;
  /** Absent where the configured keys cannot sign. */
  jwt?: string;
}

/** Makes the demo's keys, unless the operator has configured keys or the demo's file exists. */
export async function prepareDemoKeys(environment: Environment): Promise<void> {
  const file = demoKeyFile(environment);
  if (environment.jwks || existsSync(file)) return;
  await mkdir(environment.dataDir, { recursive: true });
  await writeKeySet(file, await generateKeySet('ES256')).catch((error: unknown) => {
    // Another server that started at the same time has written the file.
    if (!existsSync(file)) throw error;
  });
}

/**
 * Creates a resource server and a client if they do not exist, and issues a new secret and new tokens,
 * because the old ones are stored as hashes at most and cannot be read again. Old tokens stay valid until
 * they expire, and old secrets for a day.
 */
export async function prepareDemo(environment: Environment, dataSource: DataSource): Promise<Demo> {
  const clients = new TypeOrmClientRepository(dataSource);
  await createOnce(clients, { clientId: CLIENT_ID, name: 'Demo client', mayIntrospect: false });
  await createOnce(clients, {
    clientId: RESOURCE_SERVER_ID,
    name: 'Demo resource server',
    audiences: [AUDIENCE],
  });
  const token = {
    clientId: CLIENT_ID,
    sub: 'demo-user',
    username: 'demo-user',
    scope: 'read write',
    audiences: [AUDIENCE],
    expiresInSeconds: HOUR_SECONDS,
  };
  const opaqueToken = await issueToken(environment, dataSource, { ...token, format: 'opaque' });
  const canSign = !(environment.jwks && 'url' in environment.jwks);
  return {
    ...(await clients.rotateSecret(RESOURCE_SERVER_ID, { keepOld: DAY_SECONDS })),
    opaqueToken,
    ...(canSign
      ? { jwt: await issueToken(environment, dataSource, { ...token, format: 'jwt' }) }
      : {}),
  };
}

async function createOnce(clients: TypeOrmClientRepository, client: NewClient): Promise<void> {
  await clients.create(client).catch((error: unknown) => {
    if (!(error instanceof ClientExistsError)) throw error;
  });
}

/**
 * The text that the demo prints: commands that a person can paste into another terminal, and a link.
 * @param docs whether `/docs` is served
 */
export function demoText(
  endpoint: string,
  { clientId, clientSecret, opaqueToken, jwt }: Demo,
  docs: boolean,
): string {
  // Behind the number sign, which a browser sends to no server.
  const given = new URLSearchParams({
    client_id: clientId,
    client_secret: clientSecret,
    token: opaqueToken,
  });
  const curl = (token: string) =>
    `  curl -s -u ${clientId}:${clientSecret} -d token=${token} ${endpoint}\n`;
  return [
    '\nTry it (the tokens are good for an hour):\n',
    `\n  # an opaque token\n${curl(opaqueToken)}`,
    jwt ? `\n  # a JSON Web Token\n${curl(jwt)}` : '',
    docs ? `\n  # in a browser\n  ${new URL('/docs', endpoint).href}#${given.toString()}\n` : '',
    '\n',
  ].join('');
}
