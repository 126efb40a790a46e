import type { IntrospectionSettings } from '../../src/config/settings.js';
import { AudiencePolicy } from '../../src/decision/audience-policy.js';
import { Decider } from '../../src/decision/decider.js';
import type { Decision } from '../../src/decision/decider.js';
import { LookUp } from '../../src/decision/look-up.js';
import { registered } from '../../src/decision/registered-strategy.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { JwtVerifier } from '../../src/jwt/jwt-verifier.js';
import { JwtStrategy } from '../../src/jwt/jwt.strategy.js';
import type { AccessPolicy } from '../../src/model/access-policy.js';
import type { ClientRepository } from '../../src/model/client-repository.js';
import type { Caller, Client } from '../../src/model/client.js';
import type { JwtRevocationRepository } from '../../src/model/jwt-revocation-repository.js';
import type { KeySource } from '../../src/model/key-source.js';
import type { OpaqueTokenRepository } from '../../src/model/opaque-token-repository.js';
import { NO_ROWS } from '../../src/persistence/rows.js';
import { OpaqueTokenStrategy } from '../../src/tokens/opaque-token.strategy.js';
import { Failure, detailOf } from '../failure.js';

/** What the decision asks the storage. */
export interface Storage {
  readonly clients: Pick<ClientRepository, 'find'>;
  readonly tokens: Pick<OpaqueTokenRepository, 'findByDigest'>;
  readonly revocations: Pick<JwtRevocationRepository, 'isRevoked'>;
}

/** What the decision has asked, as far as it came, and what it was told. */
export interface Asked {
  isStored?: boolean;
  issuer?: { readonly name: string; readonly isTrusted: boolean };
  matchingKeys?: number;
  client?: Client | undefined;
}

export interface TracedDecision {
  readonly decision: Decision;
  readonly asked: Asked;
}

/**
 * Decides on a token with the server's own strategies and decider, and notes what they ask on the way. Nothing
 * is written: the storage is asked by its reading methods alone.
 *
 * @throws Failure when an issuer's keys cannot be had, for which the server answers 503
 */
export async function traceDecision(
  token: string,
  caller: Caller,
  settings: IntrospectionSettings,
  { clients, tokens, revocations }: Storage,
): Promise<TracedDecision> {
  const asked: Asked = {};
  const tracedClients: ClientRepository = {
    find: async (clientId) => (asked.client = await clients.find(clientId)),
  };
  const tracedTokens: OpaqueTokenRepository = {
    async findByDigest(digest) {
      const found = await tokens.findByDigest(digest);
      asked.isStored = found !== undefined;
      return found;
    },
  };
  const verifier = new JwtVerifier(settings, tracedKeys(settings, asked));
  const strategies = [
    new OpaqueTokenStrategy(tracedTokens, tracedClients),
    new JwtStrategy(verifier, revocations, tracedClients),
  ];
  const inOrder = strategies.map((strategy) => registered(strategy, undefined));
  const finding = await new LookUp(token, undefined, inOrder).meaning(NO_ROWS);
  const policy: AccessPolicy = new AudiencePolicy();
  return { decision: await new Decider(tracedClients, policy).decide(finding, caller), asked };
}

/** The keys of the options. They are looked for when there is a JWT to verify. */
function tracedKeys(settings: IntrospectionSettings, asked: Asked): KeySource {
  return {
    keySet(issuer) {
      const keySet = new ConfiguredKeySource(settings).keySet(issuer);
      asked.issuer = { name: issuer, isTrusted: keySet !== undefined };
      return (
        keySet && {
          async find(header) {
            try {
              const keys = await keySet.find(header);
              asked.matchingKeys = keys.length;
              return keys;
            } catch (error) {
              throw new Failure(
                `The issuer's keys cannot be had (${detailOf(error)}), so the server answers 503.`,
                { cause: error },
              );
            }
          },
        }
      );
    },
  };
}
