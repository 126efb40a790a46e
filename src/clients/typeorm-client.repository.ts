import { Inject, Injectable, Optional } from '@nestjs/common';
import { IsNull, Like, MoreThan } from 'typeorm';
import type { DataSource } from 'typeorm';
import type { ClientRepository } from '../model/client-repository.js';
import { ClientExistsError, ClientNotFoundError } from '../model/client-errors.js';
import type { Client } from '../model/client.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { RowPlan } from '../persistence/plan.js';
import { PLANS, findBy } from '../persistence/plans.js';
import type { Plan } from '../persistence/plan.js';
import type { Plans } from '../persistence/plans.js';
import { ClientEntity, ClientSecretEntity } from '../schema/client.entity.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { readerOn } from '../schema/reader-on.js';
import { tablePathIn } from '../schema/table-paths.js';
import type { TablePath } from '../schema/table-paths.js';
import { CLIENTS } from './client-rows.js';
import { generateSecret, hashChosenSecret, hashSecret } from './secret-hash.js';

/** A new client; everything but the id has a default. */
export interface NewClient {
  clientId: string;
  name?: string;
  /** Default: none. */
  audiences?: readonly string[];
  /** Default: false. */
  anyAudience?: boolean;
  /** Default: true. */
  mayIntrospect?: boolean;
  /** A secret that a person chose. Default: a generated one of 256 random bits. */
  secret?: string;
}

/** What can be changed of a client; what is absent stays as it is. */
export interface ClientChanges {
  /** null: it has none. */
  name?: string | null;
  /** In the place of those that it has. */
  audiences?: readonly string[];
  anyAudience?: boolean;
  mayIntrospect?: boolean;
}

const rememberDeletion = (path: TablePath) => `
  INSERT INTO ${path('deleted_client')} AS d (client_id, deleted_at) VALUES ($1, $2)
  ON CONFLICT (client_id) DO UPDATE SET deleted_at = greatest(d.deleted_at, excluded.deleted_at)`;

const tokensFromDeletion = (path: TablePath) => `
  UPDATE ${path('client')} c SET tokens_from = d.deleted_at
  FROM ${path('deleted_client')} d WHERE c.client_id = $1 AND d.client_id = $1`;

/** The clients in Postgres. `find` reads them for an introspection; the rest administers them. */
@Injectable()
export class TypeOrmClientRepository implements ClientRepository {
  readonly [PLANS]: Plans<Client | undefined>;

  /** @param reader the module's, so that reads share one statement. Default: a reader of its own. */
  constructor(
    @Inject(INTROSPECTION_DATA_SOURCE) private readonly dataSource: DataSource,
    @Optional() reader: BatchedReader = readerOn(dataSource),
  ) {
    this[PLANS] = { reader, owner: TypeOrmClientRepository.prototype, of: planFor };
  }

  async find(clientId: string): Promise<Client | undefined> {
    return findBy(this[PLANS], clientId);
  }

  /** @returns the stored hash of any secret that a person chose; `undefined` when nobody has one */
  async findChosenSecret(): Promise<string | undefined> {
    const chosen = await this.dataSource.manager.findOne(ClientSecretEntity, {
      select: { hash: true },
      where: { hash: Like('$scrypt$%') },
    });
    return chosen?.hash;
  }

  /** @returns the secret, of which only a hash is stored. @throws ClientExistsError */
  async create(client: NewClient): Promise<{ clientId: string; clientSecret: string }> {
    const { clientId, secret = generateSecret() } = client;
    const hash = await (client.secret === undefined
      ? hashSecret(secret)
      : hashChosenSecret(secret));
    await this.dataSource.transaction(async (manager) => {
      const inserted = await manager
        .createQueryBuilder()
        .insert()
        .into(ClientEntity)
        .values({
          clientId,
          name: client.name ?? null,
          audiences: [...(client.audiences ?? [])],
          anyAudience: client.anyAudience ?? false,
          mayIntrospect: client.mayIntrospect ?? true,
        })
        .orIgnore()
        .returning('client_id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) throw new ClientExistsError(clientId);
      // After the insertion, which may have waited for a deletion.
      await manager.query(tokensFromDeletion(tablePathIn(this.dataSource)), [clientId]);
      await manager.insert(ClientSecretEntity, { clientId, hash });
    });
    return { clientId, clientSecret: secret };
  }

  /**
   * Gives a client a new secret. Its other secrets stop working now, or after `keepOld` seconds.
   * @throws ClientNotFoundError
   */
  async rotateSecret(
    clientId: string,
    { keepOld = 0 }: { keepOld?: number } = {},
  ): Promise<{ clientId: string; clientSecret: string }> {
    const secret = generateSecret();
    const hash = hashSecret(secret);
    await this.dataSource.transaction(async (manager) => {
      const found = await manager.findOne(ClientEntity, {
        where: { clientId },
        lock: { mode: 'pessimistic_write' },
      });
      if (!found) throw new ClientNotFoundError(clientId);
      const until = new Date(Date.now() + keepOld * 1000);
      for (const expiresAt of [IsNull(), MoreThan(until)]) {
        await manager.update(ClientSecretEntity, { clientId, expiresAt }, { expiresAt: until });
      }
      await manager
        .createQueryBuilder()
        .delete()
        .from(ClientSecretEntity)
        .where('client_id = :clientId AND expires_at <= :now', { clientId, now: new Date() })
        .execute();
      await manager.insert(ClientSecretEntity, { clientId, hash });
    });
    return { clientId, clientSecret: secret };
  }

  /** Changes a client, which keeps its secrets and its tokens. At least one change is needed. @throws ClientNotFoundError */
  async update(clientId: string, { audiences, ...changes }: ClientChanges): Promise<void> {
    const { affected } = await this.dataSource.manager.update(
      ClientEntity,
      { clientId },
      { ...changes, ...(audiences ? { audiences: [...audiences] } : {}) },
    );
    if (!affected) throw new ClientNotFoundError(clientId);
  }

  /** A disabled client is refused from now on, and all its tokens are inactive. @throws ClientNotFoundError */
  async setEnabled(clientId: string, enabled: boolean): Promise<void> {
    const { affected } = await this.dataSource.manager.update(
      ClientEntity,
      { clientId },
      { enabled },
    );
    if (!affected) throw new ClientNotFoundError(clientId);
  }

  /**
   * Deletes the client with its secrets and its opaque tokens. Its JWTs are inactive from now on, also if
   * the id is registered again. @throws ClientNotFoundError
   */
  async delete(clientId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const { affected } = await manager.delete(ClientEntity, { clientId });
      if (!affected) throw new ClientNotFoundError(clientId);
      await manager.query(rememberDeletion(tablePathIn(this.dataSource)), [clientId, new Date()]);
    });
  }

  /** Every client in the order of the ids, without secrets. */
  async list(): Promise<Omit<Client, 'secrets'>[]> {
    const clients = await this.dataSource.manager.find(ClientEntity, {
      order: { clientId: 'ASC' },
    });
    return clients.map(({ clientId, name, enabled, mayIntrospect, audiences, anyAudience }) => ({
      clientId,
      name: name ?? undefined,
      enabled,
      mayIntrospect,
      audiences,
      anyAudience,
    }));
  }
}

// Postgres stores no NUL in text, so no client has such an id; and it would fail the query of the whole batch.
function planFor(clientId: string): Plan<Client | undefined> | undefined {
  return clientId.includes('\0') ? undefined : new RowPlan(CLIENTS, clientId);
}
