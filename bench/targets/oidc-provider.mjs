// oidc-provider's introspection: in memory, or, with DATABASE_URL, from Postgres.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { EXPIRES_AT, ISSUER, tokenText } from '../fixtures.mjs';
import { listen } from './listen.mjs';
import { accessTokenOf, clientMetadata, grantOf } from './oidc-payloads.mjs';
import { postgresAdapter } from './oidc-postgres-adapter.mjs';

const { DATABASE_URL, TOKENS } = process.env;

const provider = new Provider(ISSUER, {
  ...(DATABASE_URL ? { adapter: postgresAdapter(DATABASE_URL) } : { clients: [clientMetadata()] }),
  scopes: ['read', 'write'],
  features: {
    introspection: { enabled: true, allowedPolicy: () => true },
    devInteractions: { enabled: false },
  },
  routes: { introspection: '/introspect' },
});
if (!DATABASE_URL) await fill(Number(TOKENS));
listen(createServer(provider.callback()));

/** The in-memory adapter forgets all but the newest thousand entries. */
async function fill(tokens) {
  const lifetime = EXPIRES_AT - Math.floor(Date.now() / 1000);
  for (let number = 0; number < tokens; number++) {
    const token = accessTokenOf(number);
    await provider.AccessToken.adapter.upsert(tokenText(number), token, lifetime);
    await provider.Grant.adapter.upsert(token.grantId, grantOf(number), lifetime);
  }
}
