// An application that imports the package, as a host does: on ADAPTER fastify or express; with
// GUARD=true behind a global guard of its own, which lets everyone pass. PACKAGE is the package's
// entry. Nest and TypeORM come from where the package finds them, so that there is one copy of each.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../setup.mjs';

const {
  ADAPTER,
  DATABASE_URL,
  GUARD,
  ISSUER,
  PACKAGE = join(root, 'dist', 'src', 'index.js'),
} = process.env;

const { resolve } = createRequire(PACKAGE);
const load = (file) => import(pathToFileURL(file).href);

await load(resolve('reflect-metadata'));
const { Global, Module } = await load(resolve('@nestjs/common'));
const { NestFactory } = await load(resolve('@nestjs/core'));
const { DataSource } = await load(resolve('typeorm'));
const { IntrospectionModule, introspectionEntities } = await load(PACKAGE);

class DatabaseModule {}
Global()(DatabaseModule);
Module({
  providers: [{ provide: DataSource, useFactory: connect }],
  exports: [DataSource],
})(DatabaseModule);

class HostModule {}
Module({
  imports: [DatabaseModule, IntrospectionModule.forRoot({ issuer: ISSUER })],
})(HostModule);

const app = await NestFactory.create(HostModule, await adapter(), { logger: ['error', 'warn'] });
if (GUARD === 'true') app.useGlobalGuards({ canActivate: () => true });
await app.listen(0, '127.0.0.1');
console.log(`Listening on ${await app.getUrl()}`);

function connect() {
  return new DataSource({
    type: 'postgres',
    url: DATABASE_URL,
    poolSize: 10,
    entities: introspectionEntities,
  }).initialize();
}

async function adapter() {
  if (ADAPTER === 'express') {
    const { ExpressAdapter } = await load(resolve('@nestjs/platform-express'));
    return new ExpressAdapter();
  }
  const { FastifyAdapter } = await load(resolve('@nestjs/platform-fastify'));
  // Fastify's own ids grow longer, and the answers with them.
  return new FastifyAdapter({ genReqId: () => randomUUID() });
}
