import {
  TypeOrmClientRepository,
  TypeOrmJwtRevocationRepository,
  TypeOrmOpaqueTokenRepository,
} from '../../src/index.js';
import { createDataSource } from '../../app/environment/data-source.js';
import { parseCompactJws } from '../../src/jwt/compact-jws.js';
import { revocationHash } from '../../src/jwt/revocation-hash.js';
import { freshDatabase } from '../support/database.js';
import { ADAPTERS, ISSUER, PATIENT, startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import { AUDIENCE, INACTIVE, inAnHour } from '../support/world.js';
import type { Question, Reply } from './history.js';
import { slowNetwork } from './slow-network.js';

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** Where tokens and clients are written: at either server, or beside them as the operator does. */
export interface Desk {
  readonly clients: TypeOrmClientRepository;
  readonly tokens: TypeOrmOpaqueTokenRepository;
  readonly revocations: TypeOrmJwtRevocationRepository;
}

/** Two servers, each with a pool of its own on a slow network of its own, on one database. */
export async function startCluster() {
  const { url, dataSource: prepared } = await freshDatabase();
  await prepared.destroy();
  const key = await signingKey('ES256');
  // Secrets that were rotated are presented more often than limits would allow.
  const introspection = { ...PATIENT, jwks: { keys: [key.public] }, limits: false as const };
  const servers = await Promise.all(
    ADAPTERS.map(async (adapter) => {
      const network = await slowNetwork(url);
      const dataSource = await patientDataSource(network.url);
      const host = await startHost(adapter, { dataSource, introspection });
      return { ...host, network, dataSource };
    }),
  );
  const operator = await patientDataSource(url);
  const desks: Desk[] = [
    ...servers.map(({ app }) => ({
      clients: app.get(TypeOrmClientRepository),
      tokens: app.get(TypeOrmOpaqueTokenRepository),
      revocations: app.get(TypeOrmJwtRevocationRepository),
    })),
    {
      clients: new TypeOrmClientRepository(operator),
      tokens: new TypeOrmOpaqueTokenRepository(operator),
      revocations: new TypeOrmJwtRevocationRepository(operator),
    },
  ];
  const { clients, tokens } = desks.at(-1)!;

  return {
    desks,
    /** @returns the secret of a new client. */
    register: async (clientId: string, audiences: readonly string[] = []) =>
      (await clients.create({ clientId, audiences })).clientSecret,
    issueOpaque: (clientId: string) => tokens.issue({ clientId, aud: [AUDIENCE], exp: inAnHour() }),
    issueJwt: (clientId: string, claims: { sub: string; jti?: string }) =>
      sign(key, { iss: ISSUER, client_id: clientId, aud: AUDIENCE, exp: inAnHour(), ...claims }),
    /** Introspects at one of the servers. */
    async introspect(server: number, { token, caller, secret }: Question): Promise<Reply> {
      const { origin } = servers[server % servers.length]!;
      const { status, text, json } = await ask(origin, {
        headers: [...FORM, 'Authorization', basic(caller, secret)],
        body: new URLSearchParams({ token }).toString(),
      });
      if (status === 401) return 'refused';
      if (status !== 200) return 'failed';
      return json['active'] === true ? 'active' : text === INACTIVE ? 'inactive' : 'failed';
    },
    /** Keeps back what the servers are reading now, until this is settled. */
    stall: (until: Promise<unknown>) => {
      for (const { network } of servers) network.stall(until);
    },
    async stop() {
      for (const server of servers) {
        await server.close();
        await server.dataSource.destroy();
        server.network.close();
      }
      await operator.destroy();
    },
  };
}

export function revokeJwt({ revocations }: Desk, token: string): Promise<void> {
  const { claims } = parseCompactJws(token)!;
  return revocations.revoke(revocationHash(token)!, claims['exp'] as number);
}

/** Without time limits: a slow machine makes the test slow and nothing else. */
function patientDataSource(url: string) {
  return createDataSource({ url, poolSize: 30, queryTimeout: 0 })
    .setOptions({ connectTimeoutMS: 0 })
    .initialize();
}
