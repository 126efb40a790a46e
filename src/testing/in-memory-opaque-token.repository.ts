import { generateSecret } from '../clients/secret-hash.js';
import { ClientNotFoundError } from '../model/client-errors.js';
import type { OpaqueTokenRecord } from '../model/token-record.js';
import { purgeableExp } from '../schema/purge.js';
import { tokenDigestHex } from '../tokens/opaque-token.js';
import type {
  NewOpaqueToken,
  TypeOrmOpaqueTokenRepository,
} from '../tokens/typeorm-opaque-token.repository.js';
import type { InMemoryTables, PublicMethods } from './in-memory-tables.js';

/** Opaque tokens in memory; it does what `TypeOrmOpaqueTokenRepository` does in Postgres. */
export class InMemoryOpaqueTokenRepository implements PublicMethods<TypeOrmOpaqueTokenRepository> {
  constructor(private readonly tables: InMemoryTables) {}

  async findByDigest(digest: Buffer): Promise<OpaqueTokenRecord | undefined> {
    return this.tables.tokens.get(digest.toString('hex'));
  }

  /** @returns the token @throws ClientNotFoundError; Error where Postgres would refuse it, too */
  async issue(token: NewOpaqueToken): Promise<string> {
    if (!this.tables.clients.has(token.clientId)) throw new ClientNotFoundError(token.clientId);
    const value = generateSecret();
    this.tables.tokens.set(tokenDigestHex(value), {
      clientId: token.clientId,
      username: token.username ?? undefined,
      sub: token.sub ?? undefined,
      scope: token.scope ?? undefined,
      aud: [...(token.aud ?? [])],
      iss: token.iss ?? undefined,
      iat: wholeSeconds(token.iat),
      nbf: wholeSeconds(token.nbf),
      exp: wholeSeconds(token.exp),
      jti: token.jti ?? undefined,
      cnf: asJson(token.cnf),
      extensions: asJson(token.extensions),
      extendedClaims: asJson(token.extendedClaims),
      revoked: false,
    });
    return value;
  }

  async revoke(token: string): Promise<boolean> {
    const digest = tokenDigestHex(token);
    const found = this.tables.tokens.get(digest);
    if (found) this.tables.tokens.set(digest, { ...found, revoked: true });
    return found !== undefined;
  }

  async purge(mostRows: number): Promise<number | undefined> {
    const expired = [...this.tables.tokens]
      .filter(([, { exp = Infinity }]) => exp <= purgeableExp())
      .slice(0, mostRows);
    for (const [digest] of expired) this.tables.tokens.delete(digest);
    return expired.length;
  }
}

function wholeSeconds(time: number | null | undefined): number | undefined {
  if (time === null || time === undefined) return undefined;
  if (Number.isSafeInteger(time)) return time;
  throw new Error(`${time} is no time that Postgres can store: it must be whole seconds.`);
}

/** What is left of a value that was stored as JSON. */
function asJson<T>(value: T): T | undefined {
  if (value === null || value === undefined) return undefined;
  return JSON.parse(JSON.stringify(value)) as T;
}
