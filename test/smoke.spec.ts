import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TypeOrmClientRepository, TypeOrmOpaqueTokenRepository } from '../src/index.js';
import { freshDatabase } from './support/database.js';
import { ADAPTERS, startHost } from './support/host.js';
import type { Host } from './support/host.js';
import { FORM, ask, basic } from './support/http.js';

describe.each(ADAPTERS)('smoke on %s', (adapter) => {
  let host: Host;
  let auth: string;
  let token: string;
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    db = await freshDatabase();
    host = await startHost(adapter, { dataSource: db.dataSource });
    const c = await host.app
      .get(TypeOrmClientRepository)
      .create({ clientId: 'rs', audiences: ['https://rs'] });
    auth = basic(c.clientId, c.clientSecret);
    token = await host.app
      .get(TypeOrmOpaqueTokenRepository)
      .issue({ clientId: 'rs', aud: ['https://rs'], sub: 'x', exp: 4e9 });
  });
  afterAll(async () => {
    await host.close();
    await db.dataSource.destroy();
  });
  it('answers', async () => {
    const a = await ask(host.origin, {
      headers: [...FORM, 'Authorization', auth],
      body: `token=${token}`,
    });
    console.log(a.status, a.headers, a.text);
    expect(a.status).toBe(200);
    for (const q of [
      { method: 'GET' },
      { method: 'HEAD' },
      { method: 'PUT', headers: ['Content-Type', 'text/xml'], body: 'x' },
      { headers: ['Content-Type', 'application/json', 'Authorization', auth], body: '{' },
      { headers: [...FORM], body: 'x' },
      { headers: [...FORM, 'Authorization', auth], body: 'x'.repeat(70000) },
      { headers: [...FORM, 'Authorization', auth], body: 'token=x&token_type_hint=refresh_token' },
    ]) {
      const b = await ask(host.origin, q);
      console.log(q.method, b.status, b.headers, b.text);
    }
  });
});
