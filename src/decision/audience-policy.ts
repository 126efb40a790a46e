import { Injectable } from '@nestjs/common';
import type { AccessPolicy } from '../model/access-policy.js';
import type { Caller } from '../model/client.js';
import type { TokenRecord } from '../model/token-record.js';

/**
 * The caller sees a token of which it is an audience, or that was issued to it; one that may
 * introspect any audience sees them all, and every caller sees a token without audience.
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
