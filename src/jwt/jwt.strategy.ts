import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CryptoKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { ClientRepository } from '../model/client-repository.js';
import { clientStateOf } from '../model/token-record.js';
import type { ClientState, InactiveReason, TokenRecord } from '../model/token-record.js';
import { IntrospectionSettings } from '../config/settings.js';
import { KeySource } from '../model/key-source.js';
import type { KeyHeader } from '../model/key-source.js';
import { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { parseCompactJws } from './compact-jws.js';
import type { UnverifiedJwt } from './compact-jws.js';
import { TokenTypeHint } from '../model/introspection-strategy.js';
import type { Finding, IntrospectionStrategy } from '../model/introspection-strategy.js';
import { isSignedBy } from './jws-signature.js';
import { recordOf, revocationHash } from './jwt-claims.js';
import { unheard } from '../decision/read-ahead.js';

/** Most tokens whose signatures are remembered; some kilobytes each. */
const REMEMBERED = 10_000;

/** What is true of a token's bytes under one key, for ever: it was signed, and it says this. */
interface VerifiedJwt {
  readonly issuer: string;
  readonly header: KeyHeader;
  readonly key: CryptoKey;
  readonly record: TokenRecord;
  readonly revocation: Buffer;
}

interface JwtState {
  readonly revoked: boolean;
  readonly clientState: ClientState;
}

interface JwtAhead {
  /** The token's SHA-256, which its remembered signature is found by. */
  readonly digest: string;
  /** The token taken apart, where its signature is not remembered. It is verified for callers alone. */
  readonly jwt?: UnverifiedJwt;
  /** Being read already, of whatever the token says it is. */
  readonly state: Promise<JwtState>;
}

/** JSON Web Tokens of this server and of the issuers that it trusts (RFC 7519, RFC 9068, RFC 8725). */
@Injectable()
@TokenTypeHint('pct')
export class JwtStrategy implements IntrospectionStrategy<JwtAhead> {
  /** By the token's digest. Time, revocation, client and caller are decided on afresh each time. */
  readonly #verified = new LRUCache<string, VerifiedJwt>({ max: REMEMBERED });

  constructor(
    private readonly settings: IntrospectionSettings,
    @Inject(KeySource) private readonly keys: KeySource,
    @Inject(JwtRevocationRepository) private readonly revocations: JwtRevocationRepository,
    @Inject(ClientRepository) private readonly clients: ClientRepository,
  ) {}

  readAhead(token: string): JwtAhead | undefined {
    if (!token.includes('.')) return undefined;
    const digest = hash('sha256', token, 'base64');
    const known = this.#verified.get(digest);
    if (known) return { digest, state: this.stateOf(known.revocation, known.record.clientId) };
    const jwt = parseCompactJws(token);
    if (!jwt) return undefined;
    const { claims, signingInput } = jwt;
    const state = this.stateOf(revocationHash(claims, signingInput), claims['client_id']);
    return { digest, jwt, state };
  }

  async find(token: string, ahead = this.readAhead(token)): Promise<Finding | undefined> {
    if (!ahead) return undefined;
    const jwt =
      (await this.remembered(ahead.digest)) ??
      (await this.verify(ahead.jwt ?? parseCompactJws(token)!));
    if (!jwt || 'rejected' in jwt) return jwt;
    this.#verified.set(ahead.digest, jwt);
    const { revoked, clientState } = await ahead.state;
    return revoked ? { rejected: 'revoked' } : { accepted: { ...jwt.record, clientState } };
  }

  /** Everything about a token that can change, read afresh. */
  private stateOf(revocation: Buffer, clientId: unknown): Promise<JwtState> {
    const client = typeof clientId === 'string' ? this.clients.find(clientId) : undefined;
    const state = Promise.all([this.revocations.isRevoked(revocation), client]).then(
      ([revoked, found]) => ({ revoked, clientState: clientStateOf(found) }),
    );
    state.catch(unheard);
    return state;
  }

  /** A token that was verified before, as long as its key is still one of its issuer's. */
  private async remembered(digest: string): Promise<VerifiedJwt | undefined> {
    const known = this.#verified.get(digest);
    if (!known) return undefined;
    const keySet = await this.keys.keySet(known.issuer);
    const keys = (await keySet?.find(known.header)) ?? [];
    return keys.includes(known.key) ? known : undefined;
  }

  private async verify(
    jwt: UnverifiedJwt,
  ): Promise<VerifiedJwt | { rejected: InactiveReason } | undefined> {
    const issuer = jwt.claims['iss'];
    if (typeof issuer !== 'string') return undefined;
    const keySet = await this.keys.keySet(issuer);
    if (!keySet) return undefined;

    const unfit = this.headerFault(jwt.header);
    if (unfit) return { rejected: unfit };
    const header = keyHeader(jwt.header);
    const keys = await keySet.find(header);
    if (keys.length === 0) return { rejected: 'no_matching_key' };
    const { signingInput, signature, claims } = jwt;
    const key = keys.find((one) => isSignedBy(one, header.alg, signingInput, signature));
    if (!key) return { rejected: 'bad_signature' };

    const record = recordOf(claims, this.settings.ownIssuers.has(issuer) ? 'own' : 'trusted');
    if (!record) return { rejected: 'malformed' };
    return { issuer, header, key, record, revocation: revocationHash(claims, signingInput) };
  }

  /** What a header must not say (RFC 8725 §3.1, §3.11; RFC 7515 §4.1.11: we know no extension). */
  private headerFault({
    alg,
    typ,
    kid,
    crit,
  }: UnverifiedJwt['header']): InactiveReason | undefined {
    if (typeof alg !== 'string' || !this.settings.algorithms.has(alg))
      return 'algorithm_not_allowed';
    if (crit !== undefined) return 'critical_header';
    if (kid !== undefined && typeof kid !== 'string') return 'malformed';
    return this.isAccessTokenType(typ) ? undefined : 'type_not_allowed';
  }

  // RFC 7515 §4.1.9: "application/" may be left out; media types are case-insensitive.
  private isAccessTokenType(typ: unknown): boolean {
    if (typ === undefined) return this.settings.jwtTypes === 'any';
    if (typeof typ !== 'string') return false;
    const type = typ.toLowerCase().replace(/^application\//, '');
    return type === 'at+jwt' || (type === 'jwt' && this.settings.jwtTypes === 'any');
  }
}

function keyHeader(header: UnverifiedJwt['header']): KeyHeader {
  const { alg, kid } = header as { alg: string; kid?: string };
  return kid === undefined ? { alg } : { alg, kid };
}
