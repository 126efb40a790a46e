import type { InjectionToken } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import { DataSource } from 'typeorm';
import { TypeOrmClientRepository } from '../clients/typeorm-client.repository.js';
import { IntrospectionSettings } from '../config/settings.js';
import { Observers } from '../events/observers.js';
import { JwtVerifier } from '../jwt/jwt-verifier.js';
import { TypeOrmJwtRevocationRepository } from '../jwt/typeorm-jwt-revocation.repository.js';
import { GuessingLimit } from '../limits/guessing-limit.js';
import { KeySource } from '../model/key-source.js';
import { EncodingCheck } from '../persistence/encoding.js';
import { TableCheck } from '../schema/table-check.js';
import { TypeOrmOpaqueTokenRepository } from '../tokens/typeorm-opaque-token.repository.js';
import { ClosedDataSource } from './closed-data-source.js';
import { InMemoryClientRepository } from './in-memory-client.repository.js';
import { InMemoryJwtRevocationRepository } from './in-memory-jwt-revocation.repository.js';
import { InMemoryOpaqueTokenRepository } from './in-memory-opaque-token.repository.js';
import { InMemoryTables } from './in-memory-tables.js';
import { KeySourceWithTestKey } from './key-source-with-test-key.js';
import { TestSigningKey } from './test-signing-key.js';
import type { TestAlgorithm, TestClaims } from './test-signing-key.js';

/** What is used of the `TestingModuleBuilder` of `@nestjs/testing`. */
export interface OverridesProviders {
  overrideProvider(token: InjectionToken): {
    useValue(value: unknown): unknown;
    useFactory(options: {
      // oxlint-disable-next-line typescript/no-explicit-any -- as in Nest's own OverrideByFactoryOptions
      factory: (...dependencies: any[]) => unknown;
      // oxlint-disable-next-line typescript/no-explicit-any -- as there
      inject?: any[];
    }): unknown;
  };
}

/** Our repositories in memory and a signing key, for the tests of an application that imports the module. */
export class IntrospectionTesting {
  readonly #tables = new InMemoryTables();
  readonly #key: TestSigningKey;
  /** In the place of `TypeOrmClientRepository`. */
  readonly clients = new InMemoryClientRepository(this.#tables);
  /** In the place of `TypeOrmOpaqueTokenRepository`. */
  readonly tokens = new InMemoryOpaqueTokenRepository(this.#tables);
  /** In the place of `TypeOrmJwtRevocationRepository`. */
  readonly revocations = new InMemoryJwtRevocationRepository(this.#tables);

  /** @param options.algorithm the signature algorithm of its JWTs. Default: ES256 */
  constructor({ algorithm = 'ES256' }: { algorithm?: TestAlgorithm } = {}) {
    this.#key = new TestSigningKey(algorithm);
  }

  /** The public half of the key that signs its JWTs, for the option `jwks`. */
  get jwks(): JSONWebKeySet {
    return this.#key.jwks;
  }

  /**
   * Puts our repositories in memory, counts failed authentications there, and accepts the JWTs of
   * {@link signJwt} from each issuer that the options name keys for.
   *
   * @param builder what `Test.createTestingModule` returns; what it overrides later wins
   * @param options.dataSources the tokens of the TypeORM data sources in whose place comes one that never
   *   connects. Default: the class `DataSource`
   * @returns the builder
   */
  override<Builder extends OverridesProviders>(
    builder: Builder,
    { dataSources = [DataSource] }: { dataSources?: readonly InjectionToken[] } = {},
  ): Builder {
    const replace = (token: InjectionToken, value: unknown) =>
      builder.overrideProvider(token).useValue(value);
    replace(TypeOrmClientRepository, this.clients);
    replace(TypeOrmOpaqueTokenRepository, this.tokens);
    replace(TypeOrmJwtRevocationRepository, this.revocations);
    // The database is not there to be checked.
    for (const check of [EncodingCheck, TableCheck]) replace(check, {});
    for (const token of dataSources) replace(token, new ClosedDataSource());
    builder.overrideProvider(GuessingLimit).useFactory({
      inject: [IntrospectionSettings, Observers],
      factory: (settings: IntrospectionSettings, observers: Observers) =>
        new GuessingLimit(countingInMemory(settings), observers),
    });
    builder.overrideProvider(JwtVerifier).useFactory({
      inject: [IntrospectionSettings, KeySource],
      factory: (settings: IntrospectionSettings, keys: KeySource) =>
        new JwtVerifier(settings, new KeySourceWithTestKey(keys, this.#key)),
    });
    return builder;
  }

  /** Signs a JWT. It is active if its issuer has keys in the options, and its client is registered. */
  signJwt(claims: TestClaims): Promise<string> {
    return this.#key.sign(claims);
  }

  /** Forgets all clients, tokens and revocations, as before a test. */
  clear(): void {
    this.#tables.clear();
  }
}

function countingInMemory(settings: IntrospectionSettings): IntrospectionSettings {
  const limits = settings.limits && { ...settings.limits, store: 'memory' };
  return Object.create(settings, { limits: { value: limits } }) as IntrospectionSettings;
}
