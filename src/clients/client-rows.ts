import type { Client } from '../model/client.js';
import { textArray } from '../persistence/lookup.js';
import type { Lookup } from '../persistence/lookup.js';

interface ClientRow {
  key: string;
  name: string | null;
  enabled: boolean;
  may_introspect: boolean;
  audiences: string[];
  any_audience: boolean;
  tokens_from: number | null;
  secrets: { hash: string; expires_at: number | string | null }[] | null;
}

/** Clients with their secrets, by their ids. */
export const CLIENTS: Lookup<Client> = {
  name: 'client',
  select: (path, keys) => `
    SELECT c.client_id AS key, c.name, c.enabled, c.may_introspect, c.audiences, c.any_audience,
           extract(epoch FROM c.tokens_from)::float8 AS tokens_from,
           (SELECT json_agg(json_build_object('hash', s.hash,
                                              'expires_at', extract(epoch FROM s.expires_at)::float8))
            FROM ${path('client_secret')} s WHERE s.client_id = c.client_id) AS secrets
    FROM ${path('client')} c
    WHERE c.client_id = ANY(${keys}::text[])`,
  parameter: textArray,
  found: (row: ClientRow) => ({
    clientId: row.key,
    name: row.name ?? undefined,
    enabled: row.enabled,
    mayIntrospect: row.may_introspect,
    audiences: row.audiences,
    anyAudience: row.any_audience,
    tokensFrom: row.tokens_from ?? undefined,
    secrets: (row.secrets ?? []).map(({ hash, expires_at }) => ({
      hash,
      // A timestamp in Postgres can be infinity, which JSON can hold only as text.
      expiresAt: expires_at === null ? undefined : Number(expires_at),
    })),
  }),
};
