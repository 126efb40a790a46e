import { clientStateOf } from '../model/client.js';
import type { ClientState } from '../model/client.js';
import type { OpaqueTokenRecord, TokenRecord } from '../model/token-record.js';
import { byteaArray } from '../persistence/lookup.js';
import type { Lookup } from '../persistence/lookup.js';

/** An opaque token as it is stored, with the state of its client in the same snapshot. */
export interface StoredToken {
  readonly record: OpaqueTokenRecord & TokenRecord;
  readonly clientState: ClientState;
}

interface TokenRow {
  key: string;
  client_id: string;
  username: string | null;
  sub: string | null;
  scope: string | null;
  aud: string[];
  iss: string | null;
  iat: number | null;
  nbf: number | null;
  exp: number | null;
  jti: string | null;
  cnf: Record<string, unknown> | null;
  claims: Record<string, unknown> | null;
  extended_claims: Record<string, unknown> | null;
  revoked: boolean;
  client_enabled: boolean | null;
}

/** Opaque tokens by their digest in hexadecimal. */
export const OPAQUE_TOKENS: Lookup<StoredToken> = {
  name: 'opaque_token',
  select: (path, keys) => `
    SELECT encode(t.token_hash, 'hex') AS key, t.client_id, t.username, t.sub, t.scope, t.aud, t.iss,
           t.iat, t.nbf, t.exp, t.jti, t.cnf, t.claims, t.extended_claims,
           t.revoked_at IS NOT NULL AS revoked, c.enabled AS client_enabled
    FROM ${path('opaque_token')} t LEFT JOIN ${path('client')} c ON c.client_id = t.client_id
    WHERE t.token_hash = ANY(${keys}::bytea[])`,
  parameter: byteaArray,
  found: storedToken,
};

function storedToken(row: TokenRow): StoredToken {
  const { client_enabled: enabled } = row;
  return {
    record: {
      origin: 'own',
      clientId: row.client_id,
      username: row.username ?? undefined,
      scope: row.scope ?? undefined,
      sub: row.sub ?? undefined,
      aud: row.aud,
      iss: row.iss ?? undefined,
      exp: row.exp ?? undefined,
      iat: row.iat ?? undefined,
      nbf: row.nbf ?? undefined,
      jti: row.jti ?? undefined,
      cnf: row.cnf ?? undefined,
      extensions: row.claims ?? undefined,
      extendedClaims: row.extended_claims ?? undefined,
      revoked: row.revoked,
    },
    clientState: clientStateOf(enabled === null ? undefined : { enabled }),
  };
}
