import { ISSUER } from '../support/host.js';

export const TRUSTED = 'https://trusted.example';

/** Our clients by name. Whoever is registered again is what it was. */
export const PROFILES = {
  api: { audiences: ['https://api.example'] },
  other: { audiences: ['https://other.example', 'https://third.example'] },
  auditor: { anyAudience: true },
  mute: { mayIntrospect: false, audiences: ['https://api.example'] },
  app: {},
} satisfies Record<string, Profile>;

interface Profile {
  audiences?: string[];
  anyAudience?: boolean;
  mayIntrospect?: boolean;
}
export type Name = keyof typeof PROFILES;

interface Client {
  enabled: boolean;
  /** Our JWTs that were issued earlier do not count, in milliseconds. */
  tokensFrom: number;
  /** Each with the time, in milliseconds, from which on it is not accepted. */
  secrets: { secret: string; until: number }[];
}

/** A token as it was issued; times are whole seconds. */
export interface Token {
  kind: 'opaque' | 'jwt' | 'trusted jwt';
  text: string;
  client: Name | undefined;
  aud: string[];
  /** Absent of tokens whose time of issue nothing depends on, and of JWTs that do not say it. */
  iat?: number | undefined;
  exp: number | undefined;
  nbf: number | undefined;
  /** The members of an active answer that nothing is decided on. */
  members: Record<string, unknown>;
  revoked: boolean;
  /** It went with its client. */
  deleted: boolean;
}

export interface Question {
  caller: Name;
  secret: string;
  hint: string | undefined;
  token: Token | undefined;
}

/** `inactive` with a reason is one answer on the wire, whatever the reason. */
export type Expected =
  { status: number; error: string } | { inactive: string } | { active: Record<string, unknown> };

/**
 * What RFC 7662 and the conformance list say, in the plainest form: all of it in memory, nothing
 * shared, nothing gathered, nothing asynchronous.
 */
export class Reference {
  readonly clients = new Map<Name, Client>();
  readonly tokens: Token[] = [];
  /** When each id was deleted last, in milliseconds. */
  readonly #deletedAt = new Map<Name, number>();
  /** Every secret that a client ever had. */
  readonly issuedSecrets = new Map<Name, string[]>();

  /** @param now milliseconds since the epoch */
  constructor(public now: number) {}

  register(name: Name, secret: string): void {
    const tokensFrom = this.#deletedAt.get(name) ?? -Infinity;
    this.clients.set(name, { enabled: true, tokensFrom, secrets: [] });
    this.addSecret(name, secret);
  }

  /** The others are accepted for so many seconds more, and never for longer than before. */
  rotate(name: Name, secret: string, keepOld: number): void {
    const until = this.now + keepOld * 1000;
    for (const old of this.clients.get(name)!.secrets) old.until = Math.min(old.until, until);
    this.addSecret(name, secret);
  }

  delete(name: Name): void {
    this.clients.delete(name);
    this.#deletedAt.set(name, this.now);
    for (const token of this.tokens) {
      if (token.kind === 'opaque' && token.client === name) token.deleted = true;
    }
  }

  answer({ caller, secret, hint, token }: Question): Expected {
    // A21: who asks comes before what is asked.
    if (!this.authenticates(caller, secret)) return { status: 401, error: 'invalid_client' };
    const profile: Profile = PROFILES[caller];
    if (profile.mayIntrospect === false) return { status: 403, error: 'unauthorized_client' };
    // S2, S3
    if (hint !== undefined && hint !== 'access_token' && hint !== 'pct') {
      return { status: 400, error: 'unsupported_token_type' };
    }
    const reason = this.inactiveReason(token, caller);
    return reason === undefined ? { active: membersOf(token!) } : { inactive: reason };
  }

  private authenticates(name: Name, presented: string): boolean {
    const client = this.clients.get(name);
    if (!client?.enabled) return false;
    return client.secrets.some(({ secret, until }) => secret === presented && this.now < until);
  }

  private inactiveReason(token: Token | undefined, caller: Name): string | undefined {
    if (!token || token.deleted) return 'unknown';
    if (token.revoked) return 'revoked';
    // D20
    const client = token.client === undefined ? undefined : this.clients.get(token.client);
    if (client && !client.enabled) return 'client disabled';
    if (!client && token.kind !== 'trusted jwt') return 'client unknown';
    if (token.kind === 'jwt' && isOfAnEarlierClient(token, client!)) return 'client unknown';
    // D4, D5
    if (token.exp !== undefined && this.now >= token.exp * 1000) return 'expired';
    if (token.nbf !== undefined && this.now < token.nbf * 1000) return 'not yet valid';
    return maySee(token, caller) ? undefined : 'not for this caller';
  }

  private addSecret(name: Name, secret: string): void {
    this.clients.get(name)!.secrets.push({ secret, until: Infinity });
    this.issuedSecrets.set(name, [...(this.issuedSecrets.get(name) ?? []), secret]);
  }
}

/** D20: a JWT is not stored, so it outlives its client. */
function isOfAnEarlierClient({ iat }: Token, { tokensFrom }: Client): boolean {
  return tokensFrom !== -Infinity && !(iat !== undefined && iat * 1000 >= tokensFrom);
}

/** S7 */
function maySee({ kind, aud, client }: Token, caller: Name): boolean {
  const { audiences = [], anyAudience = false }: Profile = PROFILES[caller];
  if (anyAudience || aud.some((one) => audiences.includes(one))) return true;
  return kind !== 'trusted jwt' && (aud.length === 0 || client === caller);
}

/** S5, but `client_id`, which is the name that a client has in one sequence alone. */
function membersOf({ kind, aud, iat, exp, nbf, members }: Token): Record<string, unknown> {
  return {
    active: true,
    iss: kind === 'trusted jwt' ? TRUSTED : ISSUER,
    token_type: 'Bearer',
    extended_claims: {},
    ...members,
    ...(aud.length > 0 ? { aud } : {}),
    ...(exp === undefined ? {} : { exp }),
    ...(nbf === undefined ? {} : { nbf }),
    ...(iat === undefined ? {} : { iat }),
  };
}
