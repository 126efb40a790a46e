import { Injectable, Module, Scope } from '@nestjs/common';
import type { Provider } from '@nestjs/common';
import type { CryptoKey } from 'jose';
import { importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AccessPolicy,
  ClientRepository,
  DecisionObserver,
  JwtRevocationRepository,
  KeySource,
  OpaqueTokenRepository,
  IntrospectionService,
  TokenTypeHint,
  TypeOrmClientRepository,
  hashSecret,
  revocationHash,
  tokenDigest,
} from '../../src/index.js';
import type {
  Client,
  DecisionEvent,
  Finding,
  IntrospectionStrategy,
  KeySet,
  OpaqueTokenRecord,
  RefusalEvent,
} from '../../src/index.js';
import { FormParameters } from '../../src/http/form-parameters.js';
import { ADAPTERS, ISSUER, createHost, startHost } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import {
  AUDIENCE,
  expectActive,
  expectError,
  expectInactive,
  inAnHour,
  startWorld,
} from '../support/world.js';
import type { World } from '../support/world.js';

const SAML = 'urn:ietf:params:oauth:token-type:saml2';

/** A host's own kind of token: SAML assertions, by their id, from some federation of its own. */
@Injectable()
@TokenTypeHint(SAML)
class SamlStrategy implements IntrospectionStrategy {
  async find(token: string): Promise<Finding | undefined> {
    const [, id, subject] = /^<Assertion ID="(\w+)">(\w*)<\/Assertion>$/.exec(token) ?? [];
    if (id === undefined) return undefined;
    if (id === 'broken') throw new Error('the federation did not answer');
    if (id === 'withdrawn') return { rejected: 'withdrawn' };
    const extensions = { assertion_id: id, active: false };
    const exp = id === 'old' ? 1 : inAnHour();
    const clientId = id === 'ofDisabled' ? 'disabled' : undefined;
    return {
      accepted: { origin: 'trusted', sub: subject, aud: [AUDIENCE], exp, clientId, extensions },
    };
  }
}

/** Recognises nothing, and remembers what it was asked for. */
@Injectable()
@TokenTypeHint('urn:example:witness')
class WitnessStrategy implements IntrospectionStrategy {
  readonly asked: string[] = [];

  async find(token: string): Promise<undefined> {
    this.asked.push(token);
  }
}

@Module({ providers: [SamlStrategy, WitnessStrategy] })
class FederationModule {}

describe.each(ADAPTERS)('A host’s own strategy, on %s', (adapter) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(adapter, { module: { imports: [FederationModule] } });
  });
  afterAll(() => world.stop());
  const assertion = (id: string) => `<Assertion ID="${id}">alice</Assertion>`;

  it('S1 takes part under its hint, another one, and none', async () => {
    for (const hint of [SAML, 'access_token', 'pct', undefined]) {
      const answer = await world.introspect(assertion('a1'), hint === undefined ? {} : { hint });
      expect(expectActive(answer)).toMatchObject({
        sub: 'alice',
        assertion_id: 'a1',
        active: true,
      });
    }
  });

  it('S4 its hint finds our tokens too', async () => {
    expectActive(await world.introspect(await world.issue(), { hint: SAML }));
    expectActive(await world.introspect(await sign(world.key, world.claims()), { hint: SAML }));
    expectInactive(await world.introspect('unknown', { hint: SAML }));
  });

  it('S4 the hinted strategy looks first, and nobody looks on once a token is recognised', async () => {
    const witness = world.app.get(WitnessStrategy);
    const token = await world.issue();
    const asked = async (hint: string) => {
      witness.asked.length = 0;
      expectActive(await world.introspect(token, { hint }));
      return witness.asked;
    };
    expect(await asked('access_token')).toEqual([]);
    expect(await asked('urn:example:witness')).toEqual([token]);
  });

  it.each(['withdrawn', 'old', 'ofDisabled'])(
    'the decision is the same for it: %s → IA',
    async (id) => {
      expectInactive(await world.introspect(assertion(id)));
    },
  );

  it('E6 its failure → 503', async () => {
    expectError(await world.introspect(assertion('broken')), 503, 'temporarily_unavailable');
  });
});

describe('Strategies that cannot serve fail at start', () => {
  @Injectable()
  @TokenTypeHint('access_token')
  class RivalStrategy implements IntrospectionStrategy {
    async find() {
      return undefined;
    }
  }

  @Injectable({ scope: Scope.REQUEST })
  @TokenTypeHint('per-request')
  class PerRequestStrategy extends RivalStrategy {}

  @Injectable({ scope: Scope.REQUEST })
  class PerRequestService {}

  @Injectable()
  @TokenTypeHint('indirect')
  class IndirectStrategy extends RivalStrategy {
    constructor(readonly service: PerRequestService) {
      super();
    }
  }

  @Injectable()
  @TokenTypeHint('refresh_token')
  class RefreshStrategy extends RivalStrategy {}

  @Injectable()
  @TokenTypeHint('x')
  class NotAStrategy {}

  const failing: [string, Provider[], RegExp][] = [
    [
      'two on one hint',
      [RivalStrategy],
      /^Both (?=.*OpaqueTokenStrategy \(in IntrospectionModule\))(?=.*RivalStrategy \(in HostModule\)).* claim the token type hint "access_token"/,
    ],
    [
      'a request-scoped one',
      [PerRequestStrategy],
      /PerRequestStrategy .*"per-request".*StrategyRegistry/,
    ],
    [
      'one that needs a request',
      [IndirectStrategy, PerRequestService],
      /IndirectStrategy .*"indirect"/,
    ],
    ['one for refresh tokens', [RefreshStrategy], /RefreshStrategy .*"refresh_token"/],
    ['one without the method', [NotAStrategy], /NotAStrategy .*find\(token\)/],
  ];
  it.each(failing)('%s', async (_what, providers, message) => {
    const world = { introspection: { providers: noDatabase() }, module: { providers } };
    const app = await createHost('express', world);
    await expect(app.init()).rejects.toThrow(message);
  });

  it('but one strategy under two tokens is one', async () => {
    @Injectable()
    @TokenTypeHint('once')
    class OnceStrategy extends RivalStrategy {}
    const alias = { provide: 'alias', useExisting: OnceStrategy };
    const host = await startHost('express', {
      introspection: { providers: noDatabase() },
      module: { providers: [OnceStrategy, alias] },
    });
    await host.close();
  });
});

describe.each(ADAPTERS)('A host’s own ports, on %s', (adapter) => {
  const rs: Client = {
    clientId: 'rs',
    enabled: true,
    mayIntrospect: true,
    audiences: [],
    anyAudience: false,
    secrets: [{ hash: hashSecret('host-secret') }],
  };
  const introspect = (origin: string, token: string) =>
    ask(origin, {
      headers: [...FORM, 'Authorization', basic('rs', 'host-secret')],
      body: new URLSearchParams({ token }).toString(),
    });

  it('repositories and key source of its own need no data source', async () => {
    const key = await signingKey('EdDSA');
    const enabled = new Set(['rs', 'app']);
    const tokens = new Map<string, OpaqueTokenRecord>([
      ['live', { clientId: 'app', aud: [], revoked: false }],
      ['revoked', { clientId: 'app', aud: [], revoked: true }],
      ['of nobody', { clientId: 'nobody', aud: [], revoked: false }],
    ]);
    const byDigest = new Map(
      [...tokens].map(([token, record]) => [tokenDigest(token).toString('hex'), record]),
    );
    const hostKeys: KeySet = {
      find: async () => [(await importJWK(key.public)) as CryptoKey],
    };
    const host = await startHost(adapter, {
      introspection: {
        providers: [
          {
            provide: ClientRepository,
            useValue: {
              find: async (clientId: string): Promise<Client | undefined> =>
                enabled.has(clientId) ? { ...rs, clientId } : undefined,
            },
          },
          {
            provide: OpaqueTokenRepository,
            useValue: {
              findByDigest: async (digest: Buffer) => byDigest.get(digest.toString('hex')),
            },
          },
          { provide: JwtRevocationRepository, useValue: { isRevoked: async () => false } },
          {
            provide: KeySource,
            useValue: { keySet: (issuer: string) => (issuer === ISSUER ? hostKeys : undefined) },
          },
        ],
      },
    });
    const jwt = await sign(key, { iss: ISSUER, client_id: 'app', exp: inAnHour() });
    expectActive(await introspect(host.origin, 'live'));
    expectActive(await introspect(host.origin, jwt));
    expectInactive(await introspect(host.origin, 'revoked'));
    expectInactive(await introspect(host.origin, 'of nobody'));
    expectInactive(await introspect(host.origin, 'unknown'));
    enabled.delete('app');
    expectInactive(await introspect(host.origin, 'live'));
    expectInactive(await introspect(host.origin, jwt));
    await host.close();
  });

  it('clients of its own decide on our tokens, whatever our client table says', async () => {
    const world = await startWorld(adapter);
    const token = await world.issue({ aud: [] });
    const states: Record<string, boolean> = { rs: true, app: true };
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      introspection: {
        providers: [
          {
            provide: ClientRepository,
            useValue: {
              find: async (clientId: string): Promise<Client | undefined> =>
                clientId in states ? { ...rs, clientId, enabled: states[clientId]! } : undefined,
            },
          },
        ],
      },
    });
    expectActive(await introspect(host.origin, token));
    await world.clients.setEnabled('app', false);
    expectActive(await introspect(host.origin, token));
    states['app'] = false;
    expectInactive(await introspect(host.origin, token));
    await host.close();
    await world.stop();
  });

  it('S7 the policy is one provider', async () => {
    const asked: unknown[] = [];
    @Injectable()
    class TenantPolicy implements AccessPolicy {
      async allows(...[token, caller]: Parameters<AccessPolicy['allows']>) {
        asked.push([token.sub, caller.clientId]);
        return token.sub === caller.clientId;
      }
    }
    const world = await startWorld(adapter, {
      introspection: { providers: [{ provide: AccessPolicy, useClass: TenantPolicy }] },
    });
    expectActive(await world.introspect(await world.issue({ sub: 'rs', aud: ['x'] })));
    expectInactive(await world.introspect(await world.issue({ sub: 'app' })));
    expect(asked).toEqual([
      ['rs', 'rs'],
      ['app', 'rs'],
    ]);
    await world.stop();
  });

  it('an observer is told of each decision and refusal, and never of the token', async () => {
    const decided: DecisionEvent[] = [];
    const refused: RefusalEvent[] = [];
    const observer: DecisionObserver = {
      decided: (event) => decided.push(event),
      refused: (event) => refused.push(event),
    };
    const world = await startWorld(adapter, {
      introspection: { providers: [{ provide: DecisionObserver, useValue: observer }] },
    });
    const live = await world.issue();
    await world.introspect(live);
    await world.introspect(live, { as: 'outsider' });
    await world.introspect('unknown');
    await world.introspect(live, { hint: 'refresh_token' });
    await world.send({ headers: FORM, body: `token=${live}` });
    expect(decided.map(({ requestId: _, durationMs: _ms, ...event }) => event)).toEqual([
      { active: true, callerId: 'rs', clientId: 'app' },
      { active: false, reason: 'not_for_caller', callerId: 'outsider', clientId: 'app' },
      { active: false, reason: 'unrecognized', callerId: 'rs', clientId: undefined },
    ]);
    await world.send({ headers: FORM, body: live.repeat(2000) });
    expect(refused.map(({ error, callerId }) => [error.status, error.code, callerId])).toEqual([
      [400, 'unsupported_token_type', 'rs'],
      [401, 'invalid_client', undefined],
      [413, 'invalid_request', undefined],
    ]);
    expect(JSON.stringify([decided, refused])).not.toContain(live);
    await world.stop();
  });
});

describe.each(ADAPTERS)('A repository of ours that a host has changed, on %s', (adapter) => {
  const refusing = { find: async () => undefined };

  @Injectable()
  class StricterClients extends TypeOrmClientRepository {
    override async find(clientId: string): Promise<Client | undefined> {
      const client = await super.find(clientId);
      return client && { ...client, enabled: clientId !== 'app' };
    }
  }

  it.each<[string, (ours: TypeOrmClientRepository) => Provider]>([
    ['a subclass', () => ({ provide: ClientRepository, useClass: StricterClients })],
    [
      'a proxy',
      (ours) => ({
        provide: ClientRepository,
        useValue: new Proxy(ours, {
          get: (target, name) =>
            name === 'find'
              ? async (id: string) => (id === 'app' ? refusing.find() : target.find(id))
              : (Reflect.get(target, name) as unknown),
        }),
      }),
    ],
    [
      'an object with ours behind it',
      (ours) => ({
        provide: ClientRepository,
        useValue: Object.assign(Object.create(ours) as TypeOrmClientRepository, {
          find: async (id: string) => (id === 'app' ? refusing.find() : ours.find(id)),
        }),
      }),
    ],
  ])('D20 %s decides on clients, and our rows do not', async (_what, bind) => {
    const world = await startWorld(adapter);
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      introspection: {
        jwks: { keys: [world.key.public] },
        providers: [bind(world.clients)],
      },
    });
    const introspect = (token: string, origin = host.origin) =>
      ask(origin, {
        headers: [...FORM, 'Authorization', world.authorization('rs')],
        body: new URLSearchParams({ token }).toString(),
      });
    const tokens = [await world.issue(), await sign(world.key, world.claims())];
    for (const token of tokens) {
      expectActive(await introspect(token, world.origin));
      expectInactive(await introspect(token));
    }
    await host.close();
    await world.stop();
  });
});

describe.each(ADAPTERS)('A look-up that is begun, on %s', (adapter) => {
  it('by a host’s strategy is finished by what began it, and for authenticated callers alone', async () => {
    const log: string[] = [];
    @Injectable()
    @TokenTypeHint('urn:example:beginner')
    class Beginner implements IntrospectionStrategy {
      async find(token: string): Promise<undefined> {
        log.push(`find ${token}`);
      }
      begin(token: string) {
        if (!token.startsWith('mine')) return undefined;
        log.push(`begin ${token}`);
        const sub = token;
        return async (): Promise<Finding> => {
          log.push(`finish ${token}`);
          return { accepted: { origin: 'trusted', aud: [AUDIENCE], sub } };
        };
      }
    }
    const world = await startWorld(adapter, { module: { providers: [Beginner] } });
    const hint = 'urn:example:beginner';
    const answers = await Promise.all(
      ['mine 1', 'mine 2'].map((token) => world.introspect(token, { hint })),
    );
    expect(answers.map((answer) => expectActive(answer)['sub'])).toEqual(['mine 1', 'mine 2']);
    log.length = 0;
    await world.send({
      headers: [...FORM, 'Authorization', basic('rs', 'wrong')],
      body: new URLSearchParams({ token: 'mine 3', token_type_hint: hint }).toString(),
    });
    expect(log).toEqual(['begin mine 3']);
    expectInactive(await world.introspect('other', { hint }));
    expect(log.slice(1)).toEqual(['find other']);
    await world.stop();
  });

  it('in process answers about the token that it was begun with', async () => {
    const world = await startWorld(adapter);
    const service = world.app.get(IntrospectionService);
    const caller = { clientId: 'rs', audiences: [], anyAudience: true };
    const [a, b] = [await world.issue({ sub: 'a' }), await world.issue({ sub: 'b' })];
    const [finishA, finishB] = [service.begin({ token: a }), service.begin({ token: b })];
    expect(await finishB(caller)).toMatchObject({ sub: 'b' });
    expect(await finishA(caller)).toMatchObject({ sub: 'a' });
    // A token that a caller presents is never answered by the look-up of another.
    const forged = { ahead: finishA } as never;
    expect(await service.introspect({ token: b }, caller, forged)).toMatchObject({ sub: 'b' });
    await world.stop();
  });

  it('over HTTP is not used when a pipe of the host’s has changed the request', async () => {
    const world = await startWorld(adapter);
    const [a, b] = [await world.issue({ sub: 'a' }), await world.issue({ sub: 'b' })];
    const swapping = {
      transform: (value: unknown) =>
        value instanceof FormParameters ? FormParameters.parse(Buffer.from(`token=${b}`)) : value,
    };
    const host = await startHost(adapter, {
      dataSource: world.dataSource,
      configure: (app) => app.useGlobalPipes(swapping),
    });
    const answer = await ask(host.origin, {
      headers: [...FORM, 'Authorization', world.authorization('rs')],
      body: `token=${a}`,
    });
    expect(expectActive(answer)['sub']).toBe('b');
    await host.close();
    await world.stop();
  });
});

describe('Revoking in process', () => {
  it('takes both kinds of token, from the very next introspection on', async () => {
    const world = await startWorld('fastify');
    const service = world.app.get(IntrospectionService);
    const opaque = await world.issue();
    const withId = await sign(world.key, world.claims({ jti: 'id' }));
    const withoutId = await sign(world.key, world.claims());
    for (const [token, kind] of [
      [opaque, 'opaque'],
      [withId, 'jwt'],
      [withoutId, 'jwt'],
    ] as const) {
      expectActive(await world.introspect(token));
      expect(await service.revoke(token)).toBe(kind);
      expectInactive(await world.introspect(token));
    }
    expect(await service.revoke('unknown')).toBeUndefined();
    expect(await service.revoke(await sign(world.key, {}))).toBeUndefined();
    await world.stop();
  });

  it('works on a host’s own repository, which finds by revocationHash', async () => {
    const key = await signingKey('ES256');
    const revoked = new Map<string, number | undefined>();
    const host = await startHost('fastify', {
      introspection: {
        jwks: { keys: [key.public] },
        providers: [
          ...noDatabase(),
          { provide: ClientRepository, useValue: { find: async () => ({ enabled: true }) } },
          {
            provide: JwtRevocationRepository,
            useValue: {
              isRevoked: async (hash: Buffer) => revoked.has(hash.toString('hex')),
              revoke: async (hash: Buffer, exp?: number) =>
                void revoked.set(hash.toString('hex'), exp),
            } satisfies JwtRevocationRepository,
          },
        ],
      },
    });
    const service = host.app.get(IntrospectionService);
    const caller = { clientId: 'rs', audiences: [], anyAudience: true };
    const exp = inAnHour();
    const token = await sign(key, { iss: ISSUER, client_id: 'app', exp });
    expect(await service.introspect({ token }, caller)).toMatchObject({ active: true });
    expect(await service.revoke(token)).toBe('jwt');
    expect([...revoked]).toEqual([[revocationHash(token)!.toString('hex'), exp]]);
    expect(await service.introspect({ token }, caller)).toEqual({ active: false });
    await expect(service.revoke('opaque')).rejects.toThrow(
      'The OpaqueTokenRepository that is bound here has no method revoke(token): it cannot revoke.',
    );
    await host.close();
  });

  it('says so where a host’s own repository cannot', async () => {
    const host = await startHost('fastify', { introspection: { providers: noDatabase() } });
    const token = await sign(await signingKey('ES256'), { iss: ISSUER });
    await expect(host.app.get(IntrospectionService).revoke(token)).rejects.toThrow(
      /JwtRevocationRepository .* has no method revoke\(hash, exp\)/,
    );
    await host.close();
  });
});

describe('A host without a data source', () => {
  it('is told what is missing', async () => {
    await expect(createHost('express', {})).rejects.toThrow(
      /found no TypeORM data source under DataSource/,
    );
  });
});

/** Ports that find nothing. */
function noDatabase(): Provider[] {
  return [
    { provide: ClientRepository, useValue: { find: async () => undefined } },
    { provide: OpaqueTokenRepository, useValue: { findByDigest: async () => undefined } },
    { provide: JwtRevocationRepository, useValue: { isRevoked: async () => false } },
  ];
}
