import { describe, expect, it, onTestFinished } from 'vitest';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../../src/index.js';
import { createDataSource } from '../../app/environment/data-source.js';
import { databaseForTest, openPatiently } from '../support/database.js';
import { proxyForTest } from '../support/database-proxy.js';
import { emptyDatabase } from '../support/empty-database.js';
import { DOORS, startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { expectActive, expectError, inAnHour } from '../support/world.js';

const REFUSAL = /^The database has the encoding LATIN1, .*: make one with CREATE DATABASE .*'UTF8'/;

/** A migrated database in LATIN1, which has no `€`. */
async function latin1() {
  const url = await emptyDatabase('LATIN1');
  const dataSource = await openPatiently({ url });
  onTestFinished(() => dataSource.destroy());
  await dataSource.runMigrations();
  return { url, dataSource };
}

describe('A database that is not in UTF8', () => {
  it.each(DOORS)('keeps a host from starting: %s', async (door) => {
    const { dataSource } = await latin1();
    await expect(startHost(door, { dataSource })).rejects.toThrow(REFUSAL);
  });

  it.each(DOORS)(
    'E6 fails the question for an id that it cannot have, and no neighbour’s: %s',
    async (door) => {
      const { url, dataSource: prepared } = await latin1();
      const { clientSecret } = await new TypeOrmClientRepository(prepared).create({
        clientId: 'rs',
      });
      const token = await new TypeOrmOpaqueTokenRepository(prepared).issue({
        clientId: 'rs',
        exp: inAnHour(),
      });
      // Opened after the host has started, which could not ask for the encoding then.
      const dataSource = createDataSource({ url });
      const host = await startHost(door, { dataSource });
      await dataSource.initialize();
      onTestFinished(async () => {
        await host.close();
        await dataSource.destroy();
      });
      const introspect = (id: string, secret: string) =>
        ask(host.origin, {
          headers: [...FORM, 'Authorization', basic(id, secret)],
          body: `token=${token}`,
        });
      const strangers = Array.from({ length: 4 }, () => introspect('€', 'secret'));
      const callers = Array.from({ length: 40 }, () => introspect('rs', clientSecret));
      for (const answer of await Promise.all(callers)) expectActive(answer);
      for (const answer of await Promise.all(strangers)) {
        expectError(answer, 503, 'temporarily_unavailable');
      }
    },
  );

  it('E6 fails the look-up of such an id, and none of the same turn', async () => {
    const { dataSource } = await latin1();
    const clients = new TypeOrmClientRepository(dataSource);
    for (const clientId of ['a', 'b', 'ü']) await clients.create({ clientId });
    const found = await Promise.allSettled(['a', '€', 'b', 'ü'].map((id) => clients.find(id)));
    expect(found).toMatchObject([
      { value: { clientId: 'a' } },
      { reason: { code: '22P05' } },
      { value: { clientId: 'b' } },
      { value: { clientId: 'ü' } },
    ]);
  });
});

describe('A host starts', () => {
  it('on a database in UTF8, where an unknown id is only unknown', async () => {
    const { dataSource } = await databaseForTest();
    const host = await startHost('fastify', { dataSource });
    onTestFinished(() => host.close());
    expect(await host.app.get(TypeOrmClientRepository).find('€')).toBeUndefined();
  });

  it('on a database that does not answer', async () => {
    const { url } = await databaseForTest();
    const proxy = await proxyForTest(url);
    const dataSource = await openPatiently({ url: proxy.url });
    onTestFinished(() => dataSource.destroy());
    await proxy.down();
    const host = await startHost('fastify', { dataSource });
    await host.close();
    await proxy.up();
  });
});
