import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { describe, expect, it } from 'vitest';
import * as introspection from '../../src/index.js';
import { emptyDatabase } from '../support/empty-database.js';
import { FORM, ask, basic } from '../support/http.js';
import { expectActive, expectInactive, inAnHour } from '../support/world.js';

describe('What README shows', () => {
  it('works in an application with @nestjs/typeorm, migrations included', async () => {
    const url = await emptyDatabase();
    const entities = introspection.introspectionEntities;
    const migrations = introspection.introspectionMigrations;

    @Injectable()
    class TokenService {
      constructor(
        private readonly clients: introspection.TypeOrmClientRepository,
        private readonly tokens: introspection.TypeOrmOpaqueTokenRepository,
      ) {}

      register = () =>
        this.clients.create({ clientId: 'rs', audiences: ['https://api.example.com'] });
      issue = () =>
        this.tokens.issue({
          clientId: 'rs',
          sub: 'alice',
          aud: ['https://api.example.com'],
          exp: inAnHour(),
        });
      revoke = (token: string) => this.tokens.revoke(token);
    }

    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, entities, migrations, migrationsRun: true }),
        introspection.IntrospectionModule.forRoot({ issuer: 'https://server.example.com/' }),
      ],
      providers: [TokenService],
    })
    class AppModule {}

    const app = await NestFactory.create(AppModule, { logger: false });
    await app.listen(0, '127.0.0.1');
    const service = app.get(TokenService);
    const { clientId, clientSecret } = await service.register();
    const token = await service.issue();
    const introspect = async () =>
      ask(await app.getUrl(), {
        headers: [...FORM, 'Authorization', basic(clientId, clientSecret)],
        body: `token=${token}`,
      });
    expect(expectActive(await introspect())['sub']).toBe('alice');
    await service.revoke(token);
    expectInactive(await introspect());
    await app.close();
  });
});
