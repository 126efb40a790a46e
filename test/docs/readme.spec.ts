import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { INestApplication, Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it, vi } from 'vitest';
import { emptyDatabase } from '../support/empty-database.js';
import { FORM, ask, basic } from '../support/http.js';
import { expectActive, expectInactive } from '../support/world.js';
import { sample } from './sample.js';

const API = 'https://api.example.com';

interface TokenService {
  register(clientId: string, audience: string): Promise<{ clientId: string; clientSecret: string }>;
  issue(clientId: string, sub: string, audience: string): Promise<string>;
  revoke(token: string): Promise<void>;
}

describe('What README shows', () => {
  it('works in an application with @nestjs/typeorm, migrations included', async () => {
    process.env['DATABASE_URL'] = await emptyDatabase();
    const { AppModule } = await sample<{ AppModule: Type }>('readme/app.module');
    const { TokenService } = await sample<{ TokenService: Type<TokenService> }>(
      'readme/token.service',
    );
    const { firstIntrospection } = await sample<{
      firstIntrospection: (app: INestApplication) => Promise<void>;
    }>('readme/first-introspection');

    // What the reader adds to the decorator.
    Reflect.defineMetadata(MODULE_METADATA.PROVIDERS, [TokenService], AppModule);
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    await app.listen(0, '127.0.0.1');
    const service = app.get(TokenService);
    const { clientId, clientSecret } = await service.register('api', API);
    const token = await service.issue('api', 'alice', API);
    const introspect = async () =>
      ask(await app.getUrl(), {
        headers: [...FORM, 'Authorization', basic(clientId, clientSecret)],
        body: `token=${token}`,
      });
    expect(expectActive(await introspect())['sub']).toBe('alice');
    await service.revoke(token);
    expectInactive(await introspect());

    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    await firstIntrospection(app);
    const [printed] = print.mock.lastCall as [string];
    print.mockRestore();
    const command = printed.replace('localhost:3000', new URL(await app.getUrl()).host);
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} -s`]);
    expect(JSON.parse(stdout)).toMatchObject({ active: true, sub: 'alice' });
    await app.close();
  });
});
