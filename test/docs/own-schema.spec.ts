import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { expect, it } from 'vitest';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../../src/index.js';
import { FORM, ask, basic } from '../support/http.js';
import { databaseOfHost, dataSourceForTest } from '../support/own-tables.js';
import { expectActive, inAnHour } from '../support/world.js';
import { sample } from './sample.js';

it('The data source of docs/in-your-application.md has our tables beside those of the host', async () => {
  const url = await databaseOfHost(['public']);
  const admin = await dataSourceForTest(url, {});
  await admin.query('CREATE SCHEMA tokens');
  process.env['DATABASE_URL'] = url;
  const { AppModule } = await sample<{ AppModule: Type }>('in-your-application/own-schema');
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  const options = { strict: false } as const;
  const { clientSecret } = await app
    .get(TypeOrmClientRepository, options)
    .create({ clientId: 'rs', anyAudience: true });
  const token = await app
    .get(TypeOrmOpaqueTokenRepository, options)
    .issue({ clientId: 'rs', exp: inAnHour() });
  expectActive(
    await ask(await app.getUrl(), {
      headers: [...FORM, 'Authorization', basic('rs', clientSecret)],
      body: `token=${token}`,
    }),
  );
  expect(await admin.query('SELECT client_id FROM tokens.client')).toEqual([{ client_id: 'rs' }]);
  await app.close();
});
