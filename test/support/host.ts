import type { RequestListener } from 'node:http';
import { Module } from '@nestjs/common';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { createHttpServer } from '../../app/server/http-server.js';
import type { Certificate } from '../../app/server/tls.js';
import { EndpointAdapter } from '../../src/http/adapters/adapter.js';
import type { NodeHandler } from '../../src/http/adapters/node.js';
import { IntrospectionModule } from '../../src/index.js';
import type { IntrospectionModuleOptions } from '../../src/index.js';
import type { IntrospectionTesting } from '../../src/testing/index.js';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** The ways to the endpoint; `node` is the server's own, in front of Fastify. */
export const DOORS = [...ADAPTERS, 'node'] as const;
export type Door = (typeof DOORS)[number];

/** The doors, and the way through Nest's guard, pipe, controller and filter, which a host's own guard opens. */
export const WAYS: readonly [way: string, door: Door, options: HostOptions][] = [
  ...DOORS.map((door): [string, Door, HostOptions] => [door, door, {}]),
  ...ADAPTERS.map((adapter): [string, Door, HostOptions] => [
    `Nest on ${adapter}`,
    adapter,
    { configure: (app) => app.useGlobalGuards({ canActivate: () => true }) },
  ]),
];

export const ISSUER = 'https://server.example.com/';

/** For tests that hold reads back, and let them go when they have seen what they wait for. */
export const PATIENT = { readTimeout: 60_000 } as const;

export interface HostOptions {
  /** Absent: the host has no data source. */
  dataSource?: DataSource;
  introspection?: Partial<IntrospectionModuleOptions>;
  /** Its repositories are in memory. */
  testing?: IntrospectionTesting;
  /** What the host's own module has besides. */
  module?: ModuleMetadata;
  /** What the host does to its application before it starts. */
  configure?: (app: INestApplication) => void;
  /** Has the door `node` serve HTTPS. */
  certificate?: Certificate;
}

export interface Host {
  app: INestApplication;
  origin: string;
  close(): Promise<void>;
}

/** A NestJS application that imports the module, listening on a port of its own. */
export async function startHost(door: Door, options: HostOptions = {}): Promise<Host> {
  const app = door === 'node' ? await createInFront(options) : await createHost(door, options);
  await app.listen(0, '127.0.0.1');
  const origin = (await app.getUrl()).replace(/^https?/, options.certificate ? 'https' : 'http');
  return { app, origin, close: () => app.close() };
}

export async function createHost(
  adapter: Adapter,
  options: HostOptions,
  httpAdapter: AbstractHttpAdapter = adapter === 'express'
    ? new ExpressAdapter()
    : new FastifyAdapter(),
): Promise<INestApplication> {
  const settings = { logger: false, abortOnError: false } as const;
  const app = options.testing
    ? (await compiled(options.testing, options)).createNestApplication(httpAdapter, settings)
    : await NestFactory.create(hostModule(options), httpAdapter, settings);
  options.configure?.(app);
  return app;
}

/** The host as its own tests have it. */
function compiled(testing: IntrospectionTesting, options: HostOptions): Promise<TestingModule> {
  const builder = Test.createTestingModule({ imports: [hostModule(options)] });
  return testing.override(builder).compile();
}

/** An application that has its server to itself, as ours has. */
async function createInFront(options: HostOptions): Promise<INestApplication> {
  let answer: NodeHandler | undefined;
  const serverFactory = (others: RequestListener) =>
    createHttpServer(options.certificate, (request, response) => {
      if (!answer?.(request, response)) others(request, response);
    });
  const app = await createHost('fastify', options, new FastifyAdapter({ serverFactory }));
  await app.init();
  answer = app.get(EndpointAdapter, { strict: false }).nodeHandler();
  if (!answer) throw new Error('Nest has something to do between the steps.');
  return app;
}

export function hostModule({ dataSource, introspection, module = {} }: HostOptions) {
  const ownData = dataSource
    ? [{ module: class HostData {}, global: true, ...provided(dataSource) }]
    : [];

  @Module({
    ...module,
    imports: [
      ...(module.imports ?? []),
      ...ownData,
      IntrospectionModule.forRoot({ issuer: ISSUER, ...introspection }),
    ],
  })
  class HostModule {}
  return HostModule;
}

function provided(dataSource: DataSource) {
  return {
    providers: [{ provide: DataSource, useValue: dataSource }],
    exports: [DataSource],
  };
}
