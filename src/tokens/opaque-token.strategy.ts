import { Inject, Injectable } from '@nestjs/common';
import { OpaqueTokenRepository } from '../model/opaque-token-repository.js';
import { tokenDigest } from './opaque-token.js';
import type { OpaqueTokenRecord } from './opaque-token.js';
import { TokenTypeHint } from '../model/introspection-strategy.js';
import type { Finding, IntrospectionStrategy } from '../model/introspection-strategy.js';
import { unheard } from '../decision/read-ahead.js';

/** Opaque tokens that this server issued: random strings that mean what their row says. */
@Injectable()
@TokenTypeHint('access_token')
export class OpaqueTokenStrategy implements IntrospectionStrategy<Reading> {
  constructor(@Inject(OpaqueTokenRepository) private readonly tokens: OpaqueTokenRepository) {}

  readAhead(token: string): Reading {
    const reading = this.tokens.findByDigest(tokenDigest(token));
    reading.catch(unheard);
    return reading;
  }

  async find(token: string, reading = this.readAhead(token)): Promise<Finding | undefined> {
    const found = await reading;
    if (!found) return undefined;
    return found.revoked ? { rejected: 'revoked' } : { accepted: { ...found, origin: 'own' } };
  }
}

type Reading = Promise<OpaqueTokenRecord | undefined>;
