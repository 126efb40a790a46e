import type { RunStatement, Statement } from '../../src/persistence/batch.js';
import type { AnswerRow } from '../../src/persistence/rows.js';
import type { Stored } from './in-process.js';

/** Stands in for Postgres: answers the statements of the reader from maps, in a later turn. */
export class StoredRows {
  readonly statements: Statement[] = [];
  /** What every statement fails with, while it is set. */
  failure: Error | undefined;

  constructor(private readonly stored: Stored) {}

  readonly run: RunStatement = (statement, _deadline, done) => {
    this.statements.push(statement);
    setImmediate(() =>
      this.failure ? done(this.failure) : done(undefined, this.answer(statement)),
    );
  };

  private answer({ name, values }: Statement): AnswerRow {
    const columns = name.split('+').map((kind, at) => {
      const rows = this.rowsOf(kind, values[at]).filter((row) => row !== undefined);
      return [kind, rows.length > 0 ? JSON.stringify(rows) : null];
    });
    return Object.fromEntries(columns) as AnswerRow;
  }

  private rowsOf(kind: string, parameter: unknown): (object | undefined)[] {
    if (kind === 'client') return (parameter as string[]).map((id) => this.client(id));
    const keys = [...(parameter as string).matchAll(/"\\\\x([0-9a-f]{64})"/g)].map(
      ([, hex]) => hex!,
    );
    if (kind === 'opaque_token') return keys.map((hex) => this.token(hex));
    return keys.map((key) => (this.stored.revoked.has(key) ? { key } : undefined));
  }

  private client(id: string): object | undefined {
    const client = this.stored.clients.get(id);
    return (
      client && {
        key: id,
        name: client.name ?? null,
        enabled: client.enabled,
        may_introspect: client.mayIntrospect,
        audiences: client.audiences,
        any_audience: client.anyAudience,
        tokens_from: client.tokensFrom ?? null,
        secrets:
          client.secrets.length === 0
            ? null
            : client.secrets.map(({ hash, expiresAt = null }) => ({ hash, expires_at: expiresAt })),
      }
    );
  }

  private token(key: string): object | undefined {
    const token = this.stored.tokens.get(key);
    return (
      token && {
        key,
        client_id: token.clientId,
        username: token.username ?? null,
        sub: token.sub ?? null,
        scope: token.scope ?? null,
        aud: token.aud,
        iss: token.iss ?? null,
        iat: token.iat ?? null,
        nbf: token.nbf ?? null,
        exp: token.exp ?? null,
        jti: token.jti ?? null,
        cnf: token.cnf ?? null,
        claims: token.extensions ?? null,
        extended_claims: token.extendedClaims ?? null,
        revoked: token.revoked,
        client_enabled: this.stored.clients.get(token.clientId)?.enabled ?? null,
      }
    );
  }
}
