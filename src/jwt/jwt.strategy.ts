import { hash } from 'node:crypto';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { ClientRepository } from '../model/client-repository.js';
import type { Client } from '../model/client.js';
import { TokenTypeHint, UNTRUSTED_ISSUER } from '../model/introspection-strategy.js';
import type {
  Finding,
  IntrospectionStrategy,
  KnownFinding,
} from '../model/introspection-strategy.js';
import { JwtRevocationRepository } from '../model/jwt-revocation-repository.js';
import { BatchedReader } from '../persistence/batched-reader.js';
import { promised } from '../persistence/plan.js';
import { PLANS, findBy, plansOf } from '../persistence/plans.js';
import type { Plan } from '../persistence/plan.js';
import type { Plans } from '../persistence/plans.js';
import { parseCompactJws } from './compact-jws.js';
import { JwtPlan } from './jwt-plan.js';
import type { RevocationPlan } from './jwt-plan.js';
import { JwtVerifier } from './jwt-verifier.js';
import { RevocationExtension } from './revocation-extension.js';
import { revocationHashHex } from './revocation-hash.js';
import type { StoredRevocation } from './revoked-jwt-rows.js';

/** JSON Web Tokens of this server and of the issuers that it trusts (RFC 7519, RFC 9068, RFC 8725). */
@Injectable()
@TokenTypeHint('pct')
export class JwtStrategy implements IntrospectionStrategy {
  readonly [PLANS]: Plans<KnownFinding | undefined>;
  readonly #revocation: (hashHex: string) => RevocationPlan | undefined;
  readonly #extension: RevocationExtension;
  readonly #client: (clientId: string) => Plan<Client | undefined> | undefined;

  constructor(
    private readonly verifier: JwtVerifier,
    @Inject(JwtRevocationRepository) revocations: JwtRevocationRepository,
    @Inject(ClientRepository) clients: ClientRepository,
    @Optional() reader?: BatchedReader,
  ) {
    this.#revocation =
      plansOf<StoredRevocation | undefined>(revocations, 'isRevoked', reader) ??
      ((hashHex) => promised(revocations.isRevoked(Buffer.from(hashHex, 'hex'))));
    this.#extension = new RevocationExtension(revocations);
    this.#client =
      plansOf<Client | undefined>(clients, 'find', reader) ??
      ((clientId) => promised(clients.find(clientId)));
    this[PLANS] = {
      reader,
      owner: JwtStrategy.prototype,
      of: (token) => this.plan(token),
    };
  }

  async find(token: string): Promise<Finding | undefined> {
    const finding = await findBy(this[PLANS], token);
    return finding === UNTRUSTED_ISSUER ? undefined : finding;
  }

  /** The unverified claims tell which rows to read. The token is verified after the caller is authenticated. */
  private plan(token: string): Plan<KnownFinding | undefined> | undefined {
    if (!token.includes('.')) return undefined;
    const digest = hash('sha256', token, 'base64');
    const remembered = this.verifier.remembered(digest);
    const jwt = remembered ? undefined : parseCompactJws(token);
    const hashHex =
      remembered?.revocationHashHex ?? (jwt && revocationHashHex(jwt.claims, jwt.signingInput));
    const revocation = hashHex === undefined ? undefined : this.#revocation(hashHex);
    if (!revocation) return undefined;
    const clientId = remembered ? remembered.record.clientId : jwt!.claims['client_id'];
    return new JwtPlan(
      () => this.verifier.verdict(digest, () => jwt ?? parseCompactJws(token)!),
      revocation,
      typeof clientId === 'string' ? this.#client(clientId) : undefined,
      this.#extension,
    );
  }
}
