import { Inject, Injectable } from '@nestjs/common';
import { compactVerify, errors } from 'jose';
import type { CryptoKey } from 'jose';
import type { InactiveReason } from '../introspection/decision.js';
import { IntrospectionSettings } from '../introspection/settings.js';
import { KeySource } from '../keys/key-source.js';
import { JwtRevocationRepository } from '../tokens/jwt-revocation-repository.js';
import { parseCompactJws } from './compact-jws.js';
import type { UnverifiedJwt } from './compact-jws.js';
import { TokenTypeHint } from './introspection-strategy.js';
import type { Finding, IntrospectionStrategy } from './introspection-strategy.js';
import { recordOf, revocationHash } from './jwt-claims.js';

/** JSON Web Tokens of this server and of the issuers that it trusts (RFC 7519, RFC 9068, RFC 8725). */
@Injectable()
@TokenTypeHint('pct')
export class JwtStrategy implements IntrospectionStrategy {
  constructor(
    private readonly settings: IntrospectionSettings,
    @Inject(KeySource) private readonly keys: KeySource,
    @Inject(JwtRevocationRepository) private readonly revocations: JwtRevocationRepository,
  ) {}

  async find(token: string): Promise<Finding | undefined> {
    const jwt = parseCompactJws(token);
    const issuer = jwt?.claims['iss'];
    if (!jwt || typeof issuer !== 'string') return undefined;

    const keySet = await this.keys.keySet(issuer);
    if (!keySet) return undefined;

    const unfit = this.headerFault(jwt.header);
    if (unfit) return { rejected: unfit };
    const { alg, kid } = jwt.header as { alg: string; kid?: string };
    const keys = await keySet.find(kid === undefined ? { alg } : { alg, kid });
    if (keys.length === 0) return { rejected: 'no_matching_key' };
    if (!(await isSignedByOneOf(keys, token, alg))) return { rejected: 'bad_signature' };

    const origin = this.settings.ownIssuers.has(issuer) ? 'own' : 'trusted';
    const record = recordOf(jwt.claims, origin);
    if (!record) return { rejected: 'malformed' };
    const revoked = await this.revocations.isRevoked(revocationHash(jwt.claims, jwt.signingInput));
    return revoked ? { rejected: 'revoked' } : { accepted: record };
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

async function isSignedByOneOf(
  keys: readonly CryptoKey[],
  token: string,
  alg: string,
): Promise<boolean> {
  for (const key of keys) {
    try {
      await compactVerify(token, key, { algorithms: [alg] });
      return true;
    } catch (error) {
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
    }
  }
  return false;
}
