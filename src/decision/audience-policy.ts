import { Injectable } from '@nestjs/common';
import type { AccessPolicy } from '../model/access-policy.js';
import type { Caller } from '../model/client.js';
import type { TokenRecord } from '../model/token-record.js';

/**
 * The caller sees a token of which it is an audience; one that may introspect any audience sees them all.
 * A token of our own it also sees where it was issued to it, or has no audience. Another issuer's client
 * ids name other clients than ours, and whom its tokens without audience are for is not known here.
 */
@Injectable()
export class AudiencePolicy implements AccessPolicy {
  allows(token: TokenRecord, caller: Caller): boolean {
    if (caller.anyAudience) return true;
    if (token.aud.some((audience) => caller.audiences.includes(audience))) return true;
    return token.origin === 'own' && (token.aud.length === 0 || token.clientId === caller.clientId);
  }
}
