import { Agent } from 'node:http';
import { expect, vi } from 'vitest';
import type { IntrospectionTesting } from '../../src/testing/index.js';
import { ISSUER } from '../support/host.js';
import type { Adapter } from '../support/host.js';
import { FORM, basic } from '../support/http.js';
import { sign, signingKey } from '../support/jwt.js';
import { INACTIVE, expectError, startWorld } from '../support/world.js';
import { PROFILES, TRUSTED } from './reference.js';
import type { Expected, Name, Question, Token } from './reference.js';

export interface JwtTimes {
  exp: number | undefined;
  nbf: number | undefined;
}

/** The real thing: the endpoint over HTTP, on a Postgres of its own or in memory, with keys of two issuers. */
export async function startServer(adapter: Adapter, testing?: IntrospectionTesting) {
  const trusted = await signingKey('ES256');
  const world = await startWorld(adapter, {
    ...(testing ? { testing } : {}),
    introspection: {
      // Wrong secrets are asked about more often than anybody's patience would have it.
      limits: false,
      trustedIssuers: [{ issuer: TRUSTED, jwks: { keys: [trusted.public] } }],
    },
  });
  const agent = new Agent({ keepAlive: true });
  let sequences = 0;

  /** What one sequence does to it, with clients of its own. */
  function sequence() {
    const suffix = `-${++sequences}`;
    const idOf = (name: Name) => name + suffix;
    const { clients, tokens, revocations } = world;

    async function expectAnswer(question: Question, expected: Expected) {
      const { caller, secret, hint, token } = question;
      const answer = await world.send({
        agent,
        headers: [...FORM, 'Authorization', basic(idOf(caller), secret)],
        body: new URLSearchParams({
          token: token?.text ?? 'a-token-that-nobody-issued',
          ...(hint === undefined ? {} : { token_type_hint: hint }),
        }).toString(),
      });
      if ('error' in expected) return expectError(answer, expected.status, expected.error);
      expect(answer.status, answer.text).toBe(200);
      if ('inactive' in expected) return expect(answer.text, expected.inactive).toBe(INACTIVE);
      const client = token!.client === undefined ? {} : { client_id: idOf(token!.client) };
      expect(answer.json).toEqual({ ...expected.active, ...client });
    }

    return {
      setClock: (now: number) => vi.setSystemTime(now),
      register: async (name: Name) =>
        (await clients.create({ clientId: idOf(name), ...PROFILES[name] })).clientSecret,
      rotate: async (name: Name, keepOld: number) =>
        (await clients.rotateSecret(idOf(name), { keepOld })).clientSecret,
      setEnabled: (name: Name, enabled: boolean) => clients.setEnabled(idOf(name), enabled),
      delete: (name: Name) => clients.delete(idOf(name)),
      issueOpaque: (client: Name, token: { aud: string[]; sub: string } & JwtTimes) =>
        tokens.issue({ clientId: idOf(client), ...token }),
      issueJwt: (
        kind: 'jwt' | 'trusted jwt',
        client: Name | undefined,
        claims: Record<string, unknown>,
      ) =>
        sign(kind === 'jwt' ? world.key : trusted, {
          iss: kind === 'jwt' ? ISSUER : TRUSTED,
          ...(client === undefined ? {} : { client_id: idOf(client) }),
          ...claims,
        }),
      revoke: ({ text }: Token) => world.revoke(text),
      purge: async () => {
        await tokens.purge(1000);
        await revocations.purge(1000);
      },
      expectAnswer,
    };
  }

  return {
    sequence,
    async stop() {
      agent.destroy();
      await world.stop();
    },
  };
}

export type Server = ReturnType<Awaited<ReturnType<typeof startServer>>['sequence']>;
