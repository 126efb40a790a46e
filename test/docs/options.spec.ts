import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import {
  IntrospectionService,
  TypeOrmClientRepository,
  TypeOrmOpaqueTokenRepository,
} from '../../src/index.js';
import { databaseForTest } from '../support/database.js';
import { emptyDatabase } from '../support/empty-database.js';
import { FORM, ask, basic } from '../support/http.js';
import { expectActive, expectError } from '../support/world.js';
import { sample } from './sample.js';

describe('What docs/options.md shows', () => {
  it('takes options from a class', async () => {
    const { OAuthModule } = await sample<{ OAuthModule: Type }>('options/options-class');
    const { dataSource } = await databaseForTest();
    const start = () =>
      NestFactory.createApplicationContext(
        {
          module: class AppModule {},
          imports: [
            {
              module: class Data {},
              global: true,
              providers: [{ provide: DataSource, useValue: dataSource }],
              exports: [DataSource],
            },
            OAuthModule,
          ],
        },
        { logger: false, abortOnError: false },
      );
    delete process.env['ISSUER'];
    await expect(start()).rejects.toThrow('issuer must be this server’s issuer identifier');
    process.env['ISSUER'] = 'https://server.example.com/';
    const app = await start();
    expect(app.get(IntrospectionService)).toBeDefined();
    await app.close();
    delete process.env['ISSUER'];
  });

  it('runs two issuers in one application', async () => {
    process.env['DATABASE_URL_A'] = await emptyDatabase();
    process.env['DATABASE_URL_B'] = await emptyDatabase();
    const { AppModule, IssuerA, IssuerB } =
      await sample<Record<'AppModule' | 'IssuerA' | 'IssuerB', Type>>('options/two-issuers');
    @Injectable()
    class Tokens {
      constructor(
        readonly clients: TypeOrmClientRepository,
        readonly tokens: TypeOrmOpaqueTokenRepository,
      ) {}
    }
    @Injectable()
    class OfA extends Tokens {}
    @Injectable()
    class OfB extends Tokens {}
    // What the reader adds to the decorators.
    Reflect.defineMetadata(MODULE_METADATA.PROVIDERS, [OfA], IssuerA);
    Reflect.defineMetadata(MODULE_METADATA.PROVIDERS, [OfB], IssuerB);
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    for (const [type, name, other] of [
      [OfA, 'a', 'b'],
      [OfB, 'b', 'a'],
    ] as const) {
      const { clients, tokens } = app.get(type, { strict: false });
      const { clientSecret } = await clients.create({ clientId: `rs-${name}` });
      const token = await tokens.issue({ clientId: `rs-${name}` });
      const introspect = (path: string) =>
        ask(origin, {
          path: `/${path}/introspect`,
          headers: [...FORM, 'Authorization', basic(`rs-${name}`, clientSecret)],
          body: `token=${token}`,
        });
      expect(expectActive(await introspect(name))['iss']).toBe(`https://${name}.example/`);
      expectError(await introspect(other), 401, 'invalid_client');
    }
    await app.close();
  });
});
