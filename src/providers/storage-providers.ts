import type { InjectionToken, Provider, Type } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TypeOrmClientRepository } from '../clients/typeorm-client.repository.js';
import { IntrospectionSettings } from '../config/settings.js';
import { TypeOrmJwtRevocationRepository } from '../jwt/typeorm-jwt-revocation.repository.js';
import { ClientRepository } from '../model/client-repository.js';
import { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { Connections } from '../persistence/connections.js';
import { EncodingCheck } from '../persistence/encoding.js';
import { AuthenticationFailureEntity } from '../schema/authentication-failure.entity.js';
import { ClientEntity, ClientSecretEntity } from '../schema/client.entity.js';
import { INTROSPECTION_DATA_SOURCE } from '../schema/data-source.js';
import { DeletedClientEntity } from '../schema/deleted-client.entity.js';
import { OpaqueTokenEntity } from '../schema/opaque-token.entity.js';
import { readerOn } from '../schema/reader-on.js';
import { RevokedJwtEntity } from '../schema/revoked-jwt.entity.js';
import { TableCheck } from '../schema/table-check.js';
import type { Entity } from '../schema/table-check.js';
import { TypeOrmOpaqueTokenRepository } from '../tokens/typeorm-opaque-token.repository.js';
import { nameOf, tokenOf } from './tokens.js';

interface StoragePort {
  readonly port: InjectionToken;
  readonly ours: Type;
  /** Of the tables that it needs. */
  readonly entities: readonly Entity[];
}

/** The ports that our repositories serve from Postgres, unless the host binds its own repository. */
export const STORAGE_PORTS: readonly StoragePort[] = [
  {
    port: ClientRepository,
    ours: TypeOrmClientRepository,
    entities: [ClientEntity, ClientSecretEntity, DeletedClientEntity],
  },
  {
    port: JwtRevocationRepository,
    ours: TypeOrmJwtRevocationRepository,
    entities: [RevokedJwtEntity],
  },
  // A token's row is read with the state of its client.
  {
    port: OpaqueTokenRepository,
    ours: TypeOrmOpaqueTokenRepository,
    entities: [OpaqueTokenEntity, ClientEntity],
  },
];

/** Our repositories for the ports that the host does not bind. If it binds all, no data source is needed. */
export function storageFor(hosts: readonly Provider[], dataSource: InjectionToken): Provider[] {
  const bound = new Set(hosts.map(tokenOf));
  const left = STORAGE_PORTS.filter(({ port }) => !bound.has(port));
  if (left.length === 0) return [];
  const repositories = left.flatMap(({ port, ours }) => [
    ours,
    { provide: port, useExisting: ours },
  ]);
  const entities = new Set<Entity>(left.flatMap((storage) => storage.entities));
  return [
    dataSourceProvider(dataSource),
    ...READER_PROVIDERS,
    tableCheck([...entities]),
    ...repositories,
  ];
}

function tableCheck(entities: readonly Entity[]): Provider {
  return {
    provide: TableCheck,
    inject: [INTROSPECTION_DATA_SOURCE, Connections, IntrospectionSettings],
    useFactory: (
      dataSource: DataSource,
      connections: Connections,
      { limits, readTimeout }: IntrospectionSettings,
    ) => {
      const counted = limits?.store === 'postgres' ? [AuthenticationFailureEntity] : [];
      return new TableCheck(dataSource, connections, [...entities, ...counted], readTimeout);
    },
  };
}

/** The one reader for all reads of a request, its connections, and what is asked of the database at start. */
const READER_PROVIDERS: readonly Provider[] = [
  {
    provide: Connections,
    inject: [INTROSPECTION_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new Connections(dataSource),
  },
  {
    provide: BatchedReader,
    inject: [INTROSPECTION_DATA_SOURCE, Connections, IntrospectionSettings],
    useFactory: (
      dataSource: DataSource,
      connections: Connections,
      { readTimeout }: IntrospectionSettings,
    ) => readerOn(dataSource, connections, readTimeout),
  },
  {
    provide: EncodingCheck,
    inject: [Connections, IntrospectionSettings],
    useFactory: (connections: Connections, { readTimeout }: IntrospectionSettings) =>
      new EncodingCheck(connections, readTimeout),
  },
];

function dataSourceProvider(token: InjectionToken): Provider {
  return {
    provide: INTROSPECTION_DATA_SOURCE,
    inject: [{ token, optional: true }],
    useFactory: (dataSource?: DataSource) => {
      if (dataSource) return dataSource;
      throw new Error(
        `IntrospectionModule found no TypeORM data source under ${nameOf(token)}: provide one, name its ` +
          'token in the option dataSource, or bind repositories of your own.',
      );
    },
  };
}
