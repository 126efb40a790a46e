import type { DataSource } from 'typeorm';
import { TypeOrmClientRepository } from '../../src/clients/typeorm-client.repository.js';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { isUnrecognized } from '../../src/decision/decider.js';
import { revocationHash } from '../../src/jwt/revocation-hash.js';
import { TypeOrmJwtRevocationRepository } from '../../src/jwt/typeorm-jwt-revocation.repository.js';
import type { Client } from '../../src/model/client.js';
import type { InactiveReason } from '../../src/model/inactive-reason.js';
import { OpaqueTokenEntity } from '../../src/schema/opaque-token.entity.js';
import { RevokedJwtEntity } from '../../src/schema/revoked-jwt.entity.js';
import { tokenDigest } from '../../src/tokens/opaque-token.js';
import { TypeOrmOpaqueTokenRepository } from '../../src/tokens/typeorm-opaque-token.repository.js';
import type { Environment } from '../environment/environment.js';
import { introspectionOptions } from '../environment/introspection-options.js';
import { adviceFor, callerAdvice } from './advice.js';
import type { Refusal } from './advice.js';
import { decisionSteps } from './decision-steps.js';
import type { Step } from './decision-steps.js';
import { quoted } from './texts.js';
import { traceDecision } from './traced-decision.js';

export interface Explanation {
  readonly active: boolean;
  /** Why the token is inactive, or why its caller is refused; null for an active token. */
  readonly reason: InactiveReason | Refusal | null;
  /** The code of the error answer, where the endpoint would send one; else null. */
  readonly error: string | null;
  readonly steps: readonly Step[];
  /** What to do; null for an active token. */
  readonly advice: string | null;
}

/** Whom the decision is made for where no caller is named: it may see every token. */
const ANYBODY = { clientId: '', audiences: [], anyAudience: true };

/**
 * Explains what the server would decide on a token now. Nothing is written.
 * @param as the client that would ask; absent: one that may see every token
 */
export async function explainToken(
  token: string,
  as: string | undefined,
  dataSource: DataSource,
  environment: Environment,
): Promise<Explanation> {
  const storage = {
    clients: new TypeOrmClientRepository(dataSource),
    tokens: new TypeOrmOpaqueTokenRepository(dataSource),
    revocations: new TypeOrmJwtRevocationRepository(dataSource),
  };
  const caller = as === undefined ? undefined : await storage.clients.find(as);
  const refusal = as === undefined ? undefined : refusalOf(caller);
  const callerSteps = as === undefined ? [] : [callerStep(as, refusal)];
  if (refusal) {
    return {
      active: false,
      reason: refusal,
      error: refusal === 'unauthorized_client' ? refusal : 'invalid_client',
      steps: callerSteps,
      advice: callerAdvice(refusal),
    };
  }
  const settings = new IntrospectionSettings(introspectionOptions(environment));
  const traced = await traceDecision(token, caller ?? ANYBODY, settings, storage);
  const { decision } = traced;
  const reason = decision.active ? null : decision.reason;
  const revokedAt = reason === 'revoked' ? await revocationOf(token, dataSource) : undefined;
  const isError = isUnrecognized(decision) && settings.unrecognizedTokens === 'error';
  return {
    active: decision.active,
    reason,
    error: isError ? 'invalid_token' : null,
    steps: [...callerSteps, ...decisionSteps({ token, ...traced, settings, caller, revokedAt })],
    advice: reason === null ? null : adviceFor(reason),
  };
}

function refusalOf(caller: Client | undefined): Refusal | undefined {
  if (!caller) return 'unknown_client';
  if (!caller.enabled) return 'client_disabled';
  return caller.mayIntrospect ? undefined : 'unauthorized_client';
}

function callerStep(clientId: string, refusal: Refusal | undefined): Step {
  const says = {
    unknown_client: 'is not registered here',
    client_disabled: 'is disabled',
    unauthorized_client: 'may not introspect',
  };
  const state = refusal ? says[refusal] : 'is enabled and may introspect';
  const outcome = refusal ? 'failed' : 'passed';
  return { step: 'caller', outcome, detail: `${quoted(clientId)} ${state}` };
}

async function revocationOf(token: string, { manager }: DataSource): Promise<Date | undefined> {
  const tokenHash = tokenDigest(token);
  const stored = await manager.findOneBy(OpaqueTokenEntity, { tokenHash });
  if (stored) return stored.revokedAt ?? undefined;
  const hash = revocationHash(token);
  const revoked = hash && (await manager.findOneBy(RevokedJwtEntity, { hash }));
  return revoked?.revokedAt;
}
