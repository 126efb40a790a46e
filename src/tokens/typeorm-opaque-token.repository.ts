import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { DataSource } from 'typeorm';
import { ClientRepository } from '../clients/client-repository.js';
import { TypeOrmClientRepository } from '../clients/typeorm-client.repository.js';
import type { ClientState } from '../introspection/decision.js';
import { BatchedReader, digestName } from '../persistence/batched-reader.js';
import { INTROSPECTION_DATA_SOURCE } from '../persistence/data-source.js';
import { OpaqueTokenEntity } from './opaque-token.entity.js';
import type { OpaqueTokenRepository } from './opaque-token-repository.js';
import { tokenDigest } from './opaque-token.js';
import type { OpaqueTokenRecord } from './opaque-token.js';
import { purgeBatch } from './purge.js';

/** What a new token stands for; times are seconds since the epoch. */
export interface NewOpaqueToken extends Omit<OpaqueTokenRecord, 'revoked' | 'clientState' | 'aud'> {
  readonly aud?: readonly string[];
}

interface TokenRow {
  token_hash: Buffer;
  client_id: string;
  username: string | null;
  sub: string | null;
  scope: string | null;
  aud: string[];
  iss: string | null;
  iat: string | null;
  nbf: string | null;
  exp: string | null;
  jti: string | null;
  cnf: Record<string, unknown> | null;
  claims: Record<string, unknown> | null;
  extended_claims: Record<string, unknown> | null;
  revoked: boolean;
  client_enabled: boolean | null;
}

const FIND = `
  SELECT t.token_hash, t.client_id, t.username, t.sub, t.scope, t.aud, t.iss, t.iat, t.nbf, t.exp,
         t.jti, t.cnf, t.claims, t.extended_claims, t.revoked_at IS NOT NULL AS revoked,
         c.enabled AS client_enabled
  FROM opaque_token t LEFT JOIN client c ON c.client_id = t.client_id
  WHERE t.token_hash = ANY($1::bytea[])`;

/** The opaque tokens in Postgres. `findByDigest` reads them for an introspection. */
@Injectable()
export class TypeOrmOpaqueTokenRepository implements OpaqueTokenRepository {
  readonly #reader: BatchedReader<Buffer, TokenRow>;

  /** The client's state comes with the token, unless the host keeps its clients elsewhere. */
  readonly #joinsClients: boolean;

  constructor(
    @Inject(INTROSPECTION_DATA_SOURCE) private readonly dataSource: DataSource,
    @Optional() @Inject(ClientRepository) clients?: ClientRepository,
  ) {
    this.#joinsClients = clients === undefined || clients instanceof TypeOrmClientRepository;
    this.#reader = new BatchedReader<Buffer, TokenRow>(
      digestName,
      (digests) => dataSource.query(FIND, [digests]),
      (row) => row.token_hash,
    );
  }

  async findByDigest(digest: Buffer): Promise<OpaqueTokenRecord | undefined> {
    const row = await this.#reader.read(digest);
    return row && toRecord(row, this.#joinsClients ? clientState(row) : undefined);
  }

  /** Stores a new token of 256 random bits. @returns the token, which cannot be had again. */
  async issue(token: NewOpaqueToken): Promise<string> {
    const value = randomBytes(32).toString('base64url');
    await this.dataSource.manager.insert(OpaqueTokenEntity, {
      tokenHash: tokenDigest(value),
      clientId: token.clientId,
      username: token.username ?? null,
      sub: token.sub ?? null,
      scope: token.scope ?? null,
      aud: [...(token.aud ?? [])],
      iss: token.iss ?? null,
      iat: token.iat ?? null,
      nbf: token.nbf ?? null,
      exp: token.exp ?? null,
      jti: token.jti ?? null,
      tokenType: token.cnf?.['jkt'] === undefined ? 'Bearer' : 'DPoP',
      cnf: (token.cnf ?? null) as never,
      claims: (token.extensions ?? null) as never,
      extendedClaims: (token.extendedClaims ?? null) as never,
    });
    return value;
  }

  /** Revokes a token, from the moment this resolves. @returns false when there is no such token. */
  async revoke(token: string): Promise<boolean> {
    const tokenHash = tokenDigest(token);
    const { affected } = await this.dataSource.manager.update(
      OpaqueTokenEntity,
      { tokenHash, revokedAt: IsNull() },
      { revokedAt: new Date() },
    );
    return affected === 1 || this.dataSource.manager.existsBy(OpaqueTokenEntity, { tokenHash });
  }

  /** Deletes a batch of expired tokens. @returns how many; `undefined` when another cleaner works. */
  purge(batch: number): Promise<number | undefined> {
    return purgeBatch(this.dataSource, 'opaque_token', batch);
  }
}

function clientState({ client_enabled }: TokenRow): ClientState {
  if (client_enabled === null) return 'unknown';
  return client_enabled ? 'enabled' : 'disabled';
}

function toRecord(row: TokenRow, state: ClientState | undefined): OpaqueTokenRecord {
  return {
    clientId: row.client_id,
    clientState: state,
    username: row.username ?? undefined,
    scope: row.scope ?? undefined,
    sub: row.sub ?? undefined,
    aud: row.aud,
    iss: row.iss ?? undefined,
    iat: seconds(row.iat),
    nbf: seconds(row.nbf),
    exp: seconds(row.exp),
    jti: row.jti ?? undefined,
    cnf: row.cnf ?? undefined,
    extensions: row.claims ?? undefined,
    extendedClaims: row.extended_claims ?? undefined,
    revoked: row.revoked,
  };
}

// The driver gives bigint as text.
function seconds(text: string | null): number | undefined {
  return text === null ? undefined : Number(text);
}
