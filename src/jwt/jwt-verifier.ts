import { Inject, Injectable } from '@nestjs/common';
import type { CryptoKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { IntrospectionSettings } from '../config/settings.js';
import type { InactiveReason } from '../model/inactive-reason.js';
import { UNTRUSTED_ISSUER } from '../model/introspection-strategy.js';
import { KeySource } from '../model/key-source.js';
import type { KeyHeader } from '../model/key-source.js';
import { whenKnown } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { TokenRecord } from '../model/token-record.js';
import type { UnverifiedJwt } from './compact-jws.js';
import { isSignedBy } from './jws-signature.js';
import { recordOf } from './jwt-claims.js';
import { revocationHashHex } from './revocation-hash.js';

/** Most tokens whose signatures are remembered; each takes some kilobytes. */
const MOST_REMEMBERED_TOKENS = 10_000;

/** What never changes for a token's bytes and one key: the key has signed it, and it states this record. */
export interface VerifiedJwt {
  readonly issuer: string;
  readonly header: KeyHeader;
  readonly key: CryptoKey;
  readonly record: TokenRecord;
  readonly revocationHashHex: string;
}

/** `undefined`: the token names no issuer. */
type Verdict = VerifiedJwt | { readonly rejected: InactiveReason } | undefined;

/** Verifies signatures and headers, and remembers the tokens that passed. */
@Injectable()
export class JwtVerifier {
  /** By the token's digest. Time, revocation, client and caller are checked again each time. */
  readonly #verified = new LRUCache<string, VerifiedJwt>({ max: MOST_REMEMBERED_TOKENS });

  constructor(
    private readonly settings: IntrospectionSettings,
    @Inject(KeySource) private readonly keys: KeySource,
  ) {}

  /** A token that was verified before. Whether its key is still one of the issuer's is not checked here. */
  remembered(digest: string): VerifiedJwt | undefined {
    return this.#verified.get(digest);
  }

  /**
   * @param digest the token's SHA-256
   * @param parse parses the token; called only where that is needed
   */
  verdict(digest: string, parse: () => UnverifiedJwt): Soon<Verdict> {
    const remembered = this.#verified.get(digest);
    if (!remembered) return this.verify(digest, parse());
    // A signature stays valid, but its key must still be one of the issuer's.
    return whenKnown(this.keys.keySet(remembered.issuer), (keySet) =>
      whenKnown(keySet?.find(remembered.header) ?? [], (keys) =>
        keys.includes(remembered.key) ? remembered : this.verify(digest, parse()),
      ),
    );
  }

  private verify(digest: string, jwt: UnverifiedJwt): Soon<Verdict> {
    const issuer = jwt.claims['iss'];
    if (typeof issuer !== 'string') return undefined;
    return whenKnown(this.keys.keySet(issuer), (keySet) => {
      if (!keySet) return UNTRUSTED_ISSUER;
      const fault = this.headerFault(jwt.header);
      if (fault) return { rejected: fault };
      const header = keyHeader(jwt.header);
      return whenKnown(keySet.find(header), (keys) =>
        this.verifyUnder(keys, { digest, issuer, header, jwt }),
      );
    });
  }

  private verifyUnder(
    keys: readonly CryptoKey[],
    { digest, issuer, header, jwt }: Unverified,
  ): Verdict {
    if (keys.length === 0) return { rejected: 'no_matching_key' };
    const { signingInput, signature, claims } = jwt;
    const key = keys.find((one) => isSignedBy(one, header.alg, signingInput, signature));
    if (!key) return { rejected: 'bad_signature' };

    const record = recordOf(claims, this.settings.ownIssuers.has(issuer) ? 'own' : 'trusted');
    if (!record) return { rejected: 'malformed' };
    const hashHex = revocationHashHex(claims, signingInput);
    const verified = { issuer, header, key, record, revocationHashHex: hashHex };
    this.#verified.set(digest, verified);
    return verified;
  }

  /** What is wrong with a header (RFC 8725 §3.1, §3.11; RFC 7515 §4.1.11: we support no `crit` extension). */
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

/** A token of a trusted issuer, before its signature is verified. */
interface Unverified {
  readonly digest: string;
  readonly issuer: string;
  readonly header: KeyHeader;
  readonly jwt: UnverifiedJwt;
}

function keyHeader(header: UnverifiedJwt['header']): KeyHeader {
  const { alg, kid } = header as { alg: string; kid?: string };
  return kid === undefined ? { alg } : { alg, kid };
}
