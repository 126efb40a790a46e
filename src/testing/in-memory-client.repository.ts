import {
  generateSecret,
  hashChosenSecret,
  hashSecret,
  isSlowHash,
} from '../clients/secret-hash.js';
import type {
  ClientChanges,
  NewClient,
  TypeOrmClientRepository,
} from '../clients/typeorm-client.repository.js';
import { ClientExistsError, ClientNotFoundError } from '../model/client-errors.js';
import type { Client } from '../model/client.js';
import type { InMemoryTables, PublicMethods } from './in-memory-tables.js';

/** Clients in memory; it does what `TypeOrmClientRepository` does in Postgres. */
export class InMemoryClientRepository implements PublicMethods<TypeOrmClientRepository> {
  constructor(private readonly tables: InMemoryTables) {}

  async find(clientId: string): Promise<Client | undefined> {
    return this.tables.clients.get(clientId);
  }

  async findChosenSecret(): Promise<string | undefined> {
    const secrets = [...this.tables.clients.values()].flatMap((client) => client.secrets);
    return secrets.find(({ hash }) => isSlowHash(hash))?.hash;
  }

  /** A client without `secret` gets a generated one, which is quick to compare with. @throws ClientExistsError */
  async create(client: NewClient): Promise<{ clientId: string; clientSecret: string }> {
    const { clientId, secret = generateSecret() } = client;
    const hash = await (client.secret === undefined
      ? hashSecret(secret)
      : hashChosenSecret(secret));
    if (this.tables.clients.has(clientId)) throw new ClientExistsError(clientId);
    this.tables.clients.set(clientId, {
      clientId,
      name: client.name,
      enabled: true,
      mayIntrospect: client.mayIntrospect ?? true,
      audiences: [...(client.audiences ?? [])],
      anyAudience: client.anyAudience ?? false,
      secrets: [{ hash }],
      tokensFrom: this.tables.deletions.get(clientId),
    });
    return { clientId, clientSecret: secret };
  }

  /** @param options.keepOld how long the other secrets still work, in seconds @throws ClientNotFoundError */
  async rotateSecret(
    clientId: string,
    { keepOld = 0 }: { keepOld?: number } = {},
  ): Promise<{ clientId: string; clientSecret: string }> {
    const clientSecret = generateSecret();
    const now = Date.now() / 1000;
    const kept = this.existing(clientId)
      .secrets.map(({ hash, expiresAt = Infinity }) => ({
        hash,
        expiresAt: Math.min(expiresAt, now + keepOld),
      }))
      .filter(({ expiresAt }) => expiresAt > now);
    this.change(clientId, { secrets: [...kept, { hash: hashSecret(clientSecret) }] });
    return { clientId, clientSecret };
  }

  /** Changes what is not `undefined`. @throws ClientNotFoundError */
  async update(
    clientId: string,
    { name, audiences, anyAudience, mayIntrospect }: ClientChanges,
  ): Promise<void> {
    const client = this.existing(clientId);
    this.change(clientId, {
      name: name === undefined ? client.name : (name ?? undefined),
      audiences: [...(audiences ?? client.audiences)],
      anyAudience: anyAudience ?? client.anyAudience,
      mayIntrospect: mayIntrospect ?? client.mayIntrospect,
    });
  }

  /** @throws ClientNotFoundError */
  async setEnabled(clientId: string, enabled: boolean): Promise<void> {
    this.change(clientId, { enabled });
  }

  /** Deletes the client with its opaque tokens. @throws ClientNotFoundError */
  async delete(clientId: string): Promise<void> {
    const { clients, tokens, deletions } = this.tables;
    if (!clients.delete(clientId)) throw new ClientNotFoundError(clientId);
    for (const [digest, token] of tokens) if (token.clientId === clientId) tokens.delete(digest);
    deletions.set(clientId, Math.max(deletions.get(clientId) ?? 0, Date.now() / 1000));
  }

  async list(): Promise<Omit<Client, 'secrets'>[]> {
    const clients = [...this.tables.clients.values()];
    return clients
      .map(({ secrets: _secrets, tokensFrom: _tokensFrom, ...client }) => client)
      .sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  }

  private existing(clientId: string): Client {
    const client = this.tables.clients.get(clientId);
    if (!client) throw new ClientNotFoundError(clientId);
    return client;
  }

  private change(clientId: string, changes: Partial<Client>): void {
    this.tables.clients.set(clientId, { ...this.existing(clientId), ...changes });
  }
}
