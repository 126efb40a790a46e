import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  ClientExistsError,
  ClientNotFoundError,
  TypeOrmClientRepository,
  TypeOrmJwtRevocationRepository,
  TypeOrmOpaqueTokenRepository,
  tokenDigest,
} from '../../src/index.js';
import { verifySecret } from '../../src/clients/secret-hash.js';
import { databaseForTest } from '../support/database.js';
import { basic, basicRaw } from '../support/http.js';
import { eventually } from '../support/programs.js';
import { expectActive, expectUnauthenticated, startWorld } from '../support/world.js';
import { FORM } from '../support/http.js';

afterEach(() => vi.useRealTimers());
const at = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: seconds * 1000 });

async function repositories() {
  const { dataSource } = await databaseForTest();
  return {
    dataSource,
    clients: new TypeOrmClientRepository(dataSource),
    tokens: new TypeOrmOpaqueTokenRepository(dataSource),
    revocations: new TypeOrmJwtRevocationRepository(dataSource),
  };
}

describe('Clients', () => {
  it('a generated secret has 256 random bits and is stored as its SHA-256 digest', async () => {
    const { clients, dataSource } = await repositories();
    const { clientSecret } = await clients.create({ clientId: 'a' });
    expect(Buffer.from(clientSecret, 'base64url')).toHaveLength(32);
    const digest = createHash('sha256').update(clientSecret).digest('base64url');
    expect(await dataSource.query('SELECT hash FROM client_secret')).toEqual([
      { hash: `$sha256$${digest}` },
    ]);
    const other = await clients.create({ clientId: 'b' });
    expect(other.clientSecret).not.toBe(clientSecret);
  });

  it('a chosen secret is stored as scrypt in PHC notation', async () => {
    const { clients, dataSource } = await repositories();
    await clients.create({ clientId: 'a', secret: 'hunter2' });
    await clients.create({ clientId: 'b', secret: 'hunter2' });
    const rows = await dataSource.query<{ hash: string }[]>('SELECT hash FROM client_secret');
    expect(new Set(rows.map(({ hash }) => hash)).size).toBe(2);
    for (const { hash } of rows) {
      expect(hash).toMatch(/^\$scrypt\$ln=\d+,r=\d+,p=\d+\$[\w+/]+\$[\w+/]+$/);
      expect(await verifySecret(hash, 'hunter2')).toBe(true);
      expect(await verifySecret(hash, 'hunter3')).toBe(false);
    }
  });

  it('deleting takes secrets and opaque tokens along', async () => {
    const { clients, tokens, dataSource } = await repositories();
    await clients.create({ clientId: 'a' });
    await clients.create({ clientId: 'b', anyAudience: true });
    await tokens.issue({ clientId: 'a' });
    await tokens.issue({ clientId: 'b' });
    await clients.delete('a');
    expect((await clients.list()).map(({ clientId }) => clientId)).toEqual(['b']);
    expect(await dataSource.query('SELECT client_id FROM client_secret')).toEqual([
      { client_id: 'b' },
    ]);
    expect(await dataSource.query('SELECT client_id FROM opaque_token')).toEqual([
      { client_id: 'b' },
    ]);
  });

  it('D20 an id that is registered while it is being deleted counts as deleted before', async () => {
    const { clients, dataSource } = await repositories();
    await clients.create({ clientId: 'a' });
    expect(await clients.find('a')).not.toHaveProperty('tokensFrom', expect.anything());
    const deletion = dataSource.createQueryRunner();
    await deletion.startTransaction();
    await deletion.query("DELETE FROM client WHERE client_id = 'a'");
    await deletion.query("INSERT INTO deleted_client VALUES ('a', '2033-05-18T03:33:20.5Z')");
    const creating = clients.create({ clientId: 'a' });
    // It waits for the row.
    const held =
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await eventually(async () => (await dataSource.query<unknown[]>(held)).length > 0);
    await deletion.commitTransaction();
    await deletion.release();
    await creating;
    expect(await clients.find('a')).toMatchObject({ tokensFrom: 2_000_000_000.5 });
  });

  it('D20 the last deletion counts; one that deletes nothing, or is not committed, does not', async () => {
    const { clients, dataSource } = await repositories();
    const deletions = () => dataSource.query('SELECT client_id, deleted_at FROM deleted_client');
    await expect(clients.delete('a')).rejects.toThrow(ClientNotFoundError);
    expect(await deletions()).toEqual([]);
    // The clock of another server may be behind.
    for (const seconds of [2_000_000_005, 2_000_000_000]) {
      await clients.create({ clientId: 'a' });
      at(seconds);
      await clients.delete('a');
    }
    const last = new Date(2_000_000_005_000);
    expect(await deletions()).toEqual([{ client_id: 'a', deleted_at: last }]);
    await clients.create({ clientId: 'a' });
    await expect(clients.create({ clientId: 'a' })).rejects.toThrow(ClientExistsError);
    expect(await clients.find('a')).toMatchObject({ tokensFrom: 2_000_000_005 });
    await dataSource.query(
      `CREATE TABLE holding (client_id text REFERENCES client DEFERRABLE INITIALLY DEFERRED);
       INSERT INTO holding VALUES ('a')`,
    );
    at(2_000_000_009);
    await expect(clients.delete('a')).rejects.toThrow(/foreign key/);
    expect(await deletions()).toEqual([{ client_id: 'a', deleted_at: last }]);
  });

  it.each([
    ['infinity', true],
    ['-infinity', false],
  ])('a secret that expires at %s', async (expiry, accepted) => {
    const world = await startWorld('fastify');
    await world.dataSource.query(
      "UPDATE client_secret SET expires_at = $1 WHERE client_id = 'rs'",
      [expiry],
    );
    const answer = await world.introspect(await world.issue());
    if (accepted) expectActive(answer);
    else expectUnauthenticated(answer);
    await world.stop();
  });

  it('a rotation takes the old secret down at once', async () => {
    const world = await startWorld('fastify');
    const token = await world.issue();
    const ask = (authorization: string) =>
      world.send({ headers: [...FORM, 'Authorization', authorization], body: `token=${token}` });
    const { clientSecret } = await world.clients.rotateSecret('rs');
    expectUnauthenticated(await ask(world.authorization('rs')));
    expectActive(await ask(basic('rs', clientSecret)));
    await world.stop();
  });

  it('a rotation with an overlap keeps the old ones until it ends, chosen ones too', async () => {
    const world = await startWorld('fastify');
    const token = await world.tokens.issue({ clientId: 'app' });
    const ask = (secret: string) =>
      world.send({
        headers: [...FORM, 'Authorization', basicRaw(`chosen:${secret}`)],
        body: `token=${token}`,
      });
    at(2_000_000_000);
    await world.clients.create({ clientId: 'chosen', secret: 'first' });
    const second = (await world.clients.rotateSecret('chosen', { keepOld: 60 })).clientSecret;
    const third = (await world.clients.rotateSecret('chosen', { keepOld: 3600 })).clientSecret;
    at(2_000_000_059);
    for (const secret of ['first', second, third]) expectActive(await ask(secret));
    at(2_000_000_060);
    expectUnauthenticated(await ask('first'));
    for (const secret of [second, third]) expectActive(await ask(secret));
    at(2_000_003_600);
    for (const secret of ['first', second]) expectUnauthenticated(await ask(secret));
    expectActive(await ask(third));
    // A rotation clears away what has expired.
    await world.clients.rotateSecret('chosen', { keepOld: 60 });
    const [{ count }] = await world.dataSource.query<[{ count: string }]>(
      "SELECT count(*) FROM client_secret WHERE client_id = 'chosen'",
    );
    expect(count).toBe('2');
    await world.stop();
  });

  it.each([60, 0])('a rotation with an overlap of %i s ends longer ones then', async (keepOld) => {
    const world = await startWorld('fastify');
    const token = await world.tokens.issue({ clientId: 'app' });
    const ask = (secret: string) =>
      world.send({
        headers: [...FORM, 'Authorization', basic('twice', secret)],
        body: `token=${token}`,
      });
    at(2_000_000_000);
    const first = (await world.clients.create({ clientId: 'twice' })).clientSecret;
    const second = (await world.clients.rotateSecret('twice', { keepOld: 3600 })).clientSecret;
    const third = (await world.clients.rotateSecret('twice', { keepOld })).clientSecret;
    at(2_000_000_000 + keepOld);
    for (const secret of [first, second]) expectUnauthenticated(await ask(secret));
    expectActive(await ask(third));
    await world.stop();
  });
});

describe('Opaque tokens', () => {
  it('have 256 random bits, are stored by digest and never themselves', async () => {
    const { clients, tokens, dataSource } = await repositories();
    await clients.create({ clientId: 'a' });
    const token = await tokens.issue({ clientId: 'a', sub: 's' });
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    const [row] = await dataSource.query<[{ token_hash: Buffer }]>('SELECT * FROM opaque_token');
    expect(row.token_hash).toEqual(createHash('sha256').update(token).digest());
    expect(JSON.stringify(row)).not.toContain(token);
  });

  it('are revoked once and for all', async () => {
    const { clients, tokens, dataSource } = await repositories();
    await clients.create({ clientId: 'a' });
    const token = await tokens.issue({ clientId: 'a' });
    expect(await tokens.revoke(token)).toBe(true);
    const revokedAt = () => dataSource.query('SELECT revoked_at FROM opaque_token');
    const first: unknown = await revokedAt();
    expect(await tokens.revoke(token)).toBe(true);
    expect(await revokedAt()).toEqual(first);
    expect(await tokens.revoke('unknown')).toBe(false);
  });
});

describe('Reads at the same time', () => {
  it('each get their own row, however many there are', async () => {
    const { clients, tokens } = await repositories();
    await clients.create({ clientId: 'a' });
    const issued: string[] = [];
    for (let n = 0; n < 700; n++)
      issued.push(await tokens.issue({ clientId: 'a', sub: String(n) }));
    const found = await Promise.all(
      issued.flatMap((token) => [
        tokens.findByDigest(tokenDigest(token)),
        tokens.findByDigest(tokenDigest(`${token}x`)),
      ]),
    );
    expect(found.map((record) => record?.sub)).toEqual(
      issued.flatMap((_, n) => [String(n), undefined]),
    );
  });
});

describe('Reads behind a pooler', () => {
  it('that does not keep prepared statements are sent whole', async () => {
    const { clients, tokens, dataSource } = await repositories();
    await clients.create({ clientId: 'a' });
    const digest = tokenDigest(await tokens.issue({ clientId: 'a', sub: 's' }));
    const read = () => tokens.findByDigest(digest);
    // Every connection of the pool has the statement, until its sessions are other ones.
    await Promise.all(Array.from({ length: 8 }, read));
    const prepared = await Promise.all(
      Array.from({ length: 4 }, () =>
        dataSource.query<[{ count: number }]>(
          'SELECT count(*)::int AS count FROM pg_prepared_statements, pg_sleep(0.05)',
        ),
      ),
    );
    expect(prepared.flat().some(({ count }) => count > 0)).toBe(true);
    const forget = () => dataSource.query('DEALLOCATE ALL');
    await Promise.all(Array.from({ length: 4 }, forget));
    expect(await read()).toMatchObject({ sub: 's' });
    await Promise.all(Array.from({ length: 4 }, forget));
    for (const found of await Promise.all(Array.from({ length: 8 }, read))) {
      expect(found).toMatchObject({ sub: 's' });
    }
  });
});

const DAY = 86_400;

describe('Purging', () => {
  it('D21 deletes what expired a day ago, batch by batch, and nothing else', async () => {
    const { clients, tokens, revocations, dataSource } = await repositories();
    await clients.create({ clientId: 'a' });
    at(2_000_000_000 + DAY);
    const exps = [1, 2, 3, 1_999_999_999, 2_000_000_000, 2_000_000_001, undefined];
    for (const [index, exp] of exps.entries()) {
      await tokens.issue({ clientId: 'a', exp });
      await revocations.revoke(Buffer.alloc(32, index), exp);
    }
    for (const repository of [tokens, revocations]) {
      expect(await repository.purge(2)).toBe(2);
      expect(await repository.purge(2)).toBe(2);
      expect(await repository.purge(2)).toBe(1);
      expect(await repository.purge(2)).toBe(0);
    }
    for (const table of ['opaque_token', 'revoked_jwt']) {
      expect(await dataSource.query(`SELECT exp FROM ${table} ORDER BY exp`)).toEqual([
        { exp: '2000000001' },
        { exp: null },
      ]);
    }
  });

  it('D21 a revocation that is there already is kept until the later end, and none is later than all', async () => {
    const { revocations, dataSource } = await repositories();
    const hash = Buffer.alloc(32, 1);
    for (const [first, second, kept] of [
      [5, 9, '9'],
      [9, 5, '9'],
      [undefined, 5, null],
      [5, undefined, null],
      [undefined, undefined, null],
      [1e20, 5, null],
      [-5, -9, '0'],
      [4.2, 1, '5'],
    ] as const) {
      await dataSource.query('DELETE FROM revoked_jwt');
      await revocations.revoke(hash, first);
      await revocations.revoke(hash, second);
      expect(await dataSource.query('SELECT exp FROM revoked_jwt'), `${first}, ${second}`).toEqual([
        { exp: kept },
      ]);
      expect(await revocations.isRevoked(hash)).toBe(true);
    }
    expect(await revocations.isRevoked(Buffer.alloc(32, 2))).toBe(false);
  });

  it('leaves locked rows alone, and one cleaner works at a time', async () => {
    const { clients, tokens, dataSource } = await repositories();
    await clients.create({ clientId: 'a' });
    for (let i = 0; i < 3; i++) await tokens.issue({ clientId: 'a', exp: 1 });
    await dataSource.transaction(async (manager) => {
      await manager.query('SELECT 1 FROM opaque_token LIMIT 1 FOR UPDATE');
      expect(await tokens.purge(10)).toBe(2);
    });
    await dataSource.transaction(async (manager) => {
      await manager.query("SELECT pg_advisory_xact_lock(7662, 'opaque_token'::regclass::oid::int)");
      expect(await tokens.purge(10)).toBeUndefined();
    });
    expect(await tokens.purge(10)).toBe(1);
  });
});
