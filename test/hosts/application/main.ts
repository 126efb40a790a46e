// An application that installs the package; compiled as ESM and as CommonJS. Its argument is the adapter.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  IntrospectionModule,
  IntrospectionService,
  OAuthError,
  TypeOrmClientRepository,
  TypeOrmOpaqueTokenRepository,
  introspectionEntities,
  introspectionMigrations,
} from 'nestjs-token-introspection';
import type { IntrospectionOptions } from 'nestjs-token-introspection';
import { DataSource } from 'typeorm';

const AUDIENCE = 'https://api.example.com';
const options: IntrospectionOptions = { issuer: 'https://server.example.com' };

@Module({
  providers: [{ provide: DataSource, useFactory: openDatabase }],
  exports: [DataSource],
})
class DatabaseModule {}

@Module({
  imports: [
    IntrospectionModule.forRootAsync({ imports: [DatabaseModule], useFactory: () => options }),
  ],
})
class HostModule {}

async function openDatabase(): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: process.env.DATABASE_URL ?? '',
    entities: introspectionEntities,
    migrations: introspectionMigrations,
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return dataSource;
}

async function main(): Promise<void> {
  const adapter = process.argv[2] === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(HostModule, adapter, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');

  const credentials = await app
    .get(TypeOrmClientRepository, { strict: false })
    .create({ clientId: 'api', audiences: [AUDIENCE] });
  const token = await app
    .get(TypeOrmOpaqueTokenRepository, { strict: false })
    .issue({ clientId: 'api', sub: 'somebody', aud: [AUDIENCE], exp: 4e9 });
  const exported = [IntrospectionService, OAuthError].every((value) => typeof value === 'function');
  console.log(JSON.stringify({ origin: await app.getUrl(), ...credentials, token, exported }));
}

void main();
