import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { DataSource } from 'typeorm';
import { ClientRepository } from '../model/client-repository.js';
import { TypeOrmClientRepository } from '../clients/typeorm-client.repository.js';
import { clientStateOf } from '../model/token-record.js';
import type { ClientState } from '../model/token-record.js';
import type { Lookup } from '../persistence/batch.js';
import { batchedReaderOf } from '../persistence/batched-reader.js';
import type { BatchedReader } from '../persistence/batched-reader.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { OpaqueTokenEntity } from '../schema/opaque-token.entity.js';
import type { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import { tokenDigest } from './opaque-token.js';
import type { OpaqueTokenRecord } from './opaque-token.js';
import { purgeBatch } from '../schema/purge.js';

/** What a new token stands for; times are seconds since the epoch. */
export interface NewOpaqueToken extends Omit<OpaqueTokenRecord, 'revoked' | 'clientState' | 'aud'> {
  readonly aud?: readonly string[];
}

interface TokenRow {
  key: string;
  client_id: string;
  username: string | null;
  sub: string | null;
  scope: string | null;
  aud: string[];
  iss: string | null;
  iat: number | null;
  nbf: number | null;
  exp: number | null;
  jti: string | null;
  cnf: Record<string, unknown> | null;
  claims: Record<string, unknown> | null;
  extended_claims: Record<string, unknown> | null;
  revoked: boolean;
  client_enabled: boolean | null;
}

const TOKENS = {
  name: 'opaque_token',
  select: `
    SELECT encode(t.token_hash, 'hex') AS key, t.client_id, t.username, t.sub, t.scope, t.aud, t.iss,
           t.iat, t.nbf, t.exp, t.jti, t.cnf, t.claims, t.extended_claims,
           t.revoked_at IS NOT NULL AS revoked, c.enabled AS client_enabled
    FROM opaque_token t LEFT JOIN client c ON c.client_id = t.client_id
    WHERE t.token_hash = ANY($keys::bytea[])`,
  nameOf: (digest: Buffer) => digest.toString('hex'),
};

/** The client's state comes with the token. */
const WITH_CLIENT_STATE: Lookup<Buffer, OpaqueTokenRecord> = {
  ...TOKENS,
  found: (row: TokenRow) => toRecord(row, clientState(row)),
};

/** The host keeps its clients elsewhere. */
const WITHOUT_CLIENT_STATE: Lookup<Buffer, OpaqueTokenRecord> = {
  ...TOKENS,
  found: (row: TokenRow) => toRecord(row, undefined),
};

/** The opaque tokens in Postgres. `findByDigest` reads them for an introspection. */
@Injectable()
export class TypeOrmOpaqueTokenRepository implements OpaqueTokenRepository {
  readonly #reader: BatchedReader;
  readonly #lookup: Lookup<Buffer, OpaqueTokenRecord>;

  constructor(
    @Inject(INTROSPECTION_DATA_SOURCE) private readonly dataSource: DataSource,
    @Optional() @Inject(ClientRepository) clients?: ClientRepository,
  ) {
    const ours = clients === undefined || clients instanceof TypeOrmClientRepository;
    this.#lookup = ours ? WITH_CLIENT_STATE : WITHOUT_CLIENT_STATE;
    this.#reader = batchedReaderOf(dataSource);
  }

  findByDigest(digest: Buffer): Promise<OpaqueTokenRecord | undefined> {
    return this.#reader.read(this.#lookup, digest);
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

function clientState({ client_enabled: enabled }: TokenRow): ClientState {
  return clientStateOf(enabled === null ? undefined : { enabled });
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
    iat: row.iat ?? undefined,
    nbf: row.nbf ?? undefined,
    exp: row.exp ?? undefined,
    jti: row.jti ?? undefined,
    cnf: row.cnf ?? undefined,
    extensions: row.claims ?? undefined,
    extendedClaims: row.extended_claims ?? undefined,
    revoked: row.revoked,
  };
}
