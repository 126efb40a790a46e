import { Inject, Injectable } from '@nestjs/common';
import { OpaqueTokenRepository } from '../tokens/opaque-token-repository.js';
import { tokenDigest } from '../tokens/opaque-token.js';
import { TokenTypeHint } from './introspection-strategy.js';
import type { Finding, IntrospectionStrategy } from './introspection-strategy.js';

/** Opaque tokens that this server issued: random strings that mean what their row says. */
@Injectable()
@TokenTypeHint('access_token')
export class OpaqueTokenStrategy implements IntrospectionStrategy {
  constructor(@Inject(OpaqueTokenRepository) private readonly tokens: OpaqueTokenRepository) {}

  async find(token: string): Promise<Finding | undefined> {
    const found = await this.tokens.findByDigest(tokenDigest(token));
    if (!found) return undefined;
    return found.revoked ? { rejected: 'revoked' } : { accepted: { ...found, origin: 'own' } };
  }
}
