import { Injectable } from '@nestjs/common';
import type { Caller } from '../model/client.js';
import type { TokenRecord } from '../model/token-record.js';

/** Port: which caller may learn about which token (RFC 7662 §4). */
export interface AccessPolicy {
  /** @returns whether the caller may see it; if not, the token is inactive as far as it can tell. */
  allows(token: TokenRecord, caller: Caller): boolean | Promise<boolean>;
}
export const AccessPolicy = Symbol('AccessPolicy');

/**
 * The caller sees a token of which it is an audience, or that was issued to it; one that may
 * introspect any audience sees them all, and everybody sees a token without audience.
 */
@Injectable()
export class AudiencePolicy implements AccessPolicy {
  allows(token: TokenRecord, caller: Caller): boolean {
    return (
      token.aud.length === 0 ||
      caller.anyAudience ||
      token.clientId === caller.clientId ||
      token.aud.some((audience) => caller.audiences.includes(audience))
    );
  }
}
