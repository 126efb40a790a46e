import { DataSource } from 'typeorm';
import { expect } from 'vitest';
import {
  IntrospectionService,
  TypeOrmClientRepository,
  TypeOrmJwtRevocationRepository,
  TypeOrmOpaqueTokenRepository,
} from '../../src/index.js';
import type { NewOpaqueToken } from '../../src/index.js';
import { freshDatabase } from './database.js';
import { ISSUER, startHost } from './host.js';
import type { Door, HostOptions } from './host.js';
import { FORM, ask, basic } from './http.js';
import type { Answer, Question } from './http.js';
import { signingKey } from './jwt.js';

export const AUDIENCE = 'https://protected.example.net/resource';
export const INACTIVE = '{"active":false}';

/** One row of a table of cases: its conformance id and what it is about. */
export type Case<T> = readonly [id: string, what: string, T];

export type World = Awaited<ReturnType<typeof startWorld>>;

/**
 * A host with the module on a database of its own, or in memory, and the people in it: `rs` is the resource server
 * at AUDIENCE, `app` has tokens issued to it, `outsider` has another audience, `auditor` sees any,
 * `mute` may not introspect, `disabled` is disabled.
 */
export async function startWorld(door: Door, options: Omit<HostOptions, 'dataSource'> = {}) {
  const { dataSource, url } = options.testing
    ? { dataSource: new DataSource({ type: 'postgres' }), url: '' }
    : await freshDatabase();
  const key = await signingKey('ES256');
  const host = await startHost(door, {
    ...options,
    dataSource,
    introspection: { jwks: { keys: [key.public] }, ...options.introspection },
  });
  const clients = host.app.get(TypeOrmClientRepository);
  const tokens = host.app.get(TypeOrmOpaqueTokenRepository);
  const revocations = host.app.get(TypeOrmJwtRevocationRepository);
  const service = host.app.get(IntrospectionService);
  const secrets: Record<string, string> = {};
  for (const client of [
    { clientId: 'rs', audiences: [AUDIENCE] },
    { clientId: 'app' },
    { clientId: 'outsider', audiences: ['https://elsewhere.example'] },
    { clientId: 'auditor', anyAudience: true },
    { clientId: 'mute', mayIntrospect: false, audiences: [AUDIENCE] },
    { clientId: 'disabled', audiences: [AUDIENCE] },
  ]) {
    secrets[client.clientId] = (await clients.create(client)).clientSecret;
  }
  await clients.setEnabled('disabled', false);
  const authorization = (id: string) => basic(id, secrets[id]!);

  /** Sends a request and holds the answer against the rules that every answer obeys. */
  const send = async (question: Question): Promise<Answer> => {
    const answer = await ask(host.origin, question);
    expectCommonRules(answer, question.method);
    return answer;
  };

  const issue = (token: Partial<NewOpaqueToken> = {}) =>
    tokens.issue({ clientId: 'app', aud: [AUDIENCE], sub: 'subject', exp: inAnHour(), ...token });

  return {
    ...host,
    url,
    dataSource,
    key,
    clients,
    tokens,
    revocations,
    secrets,
    authorization,
    send,
    /** Introspects as `rs`, or as another client. */
    introspect: (token: string, { as = 'rs', hint }: { as?: string; hint?: string } = {}) =>
      send({
        headers: [...FORM, 'Authorization', authorization(as)],
        body: new URLSearchParams({
          token,
          ...(hint === undefined ? {} : { token_type_hint: hint }),
        }).toString(),
      }),
    /** A live opaque token that `rs` may see, unless told otherwise. */
    issue,
    /** A request of `rs` about such a token, for another host on the same database. */
    question: async (): Promise<Question> => ({
      headers: [...FORM, 'Authorization', authorization('rs')],
      body: `token=${await issue()}`,
    }),
    /** Revokes a token of either kind as a host does. */
    revoke: (token: string) => service.revoke(token),
    /** The claims of a live JWT that `rs` may see. */
    claims: (claims: Record<string, unknown> = {}): Record<string, unknown> => ({
      iss: ISSUER,
      client_id: 'app',
      aud: AUDIENCE,
      sub: 'subject',
      exp: inAnHour(),
      iat: now(),
      ...claims,
    }),
    async stop() {
      await host.close();
      if (dataSource.isInitialized) await dataSource.destroy();
    },
  };
}

export const now = () => Math.floor(Date.now() / 1000);
export const inAnHour = () => now() + 3600;

export function expectActive(answer: Answer): Record<string, unknown> {
  expect(answer.status, answer.text).toBe(200);
  expect(answer.json['active'], answer.text).toBe(true);
  return answer.json;
}

export function expectInactive(answer: Answer): void {
  expect(answer.text).toBe(INACTIVE);
  expect(answer.status).toBe(200);
}

export function expectError(answer: Answer, status: number, code: string): void {
  expect(`${answer.status} ${String(answer.json['error'])}`, answer.text).toBe(`${status} ${code}`);
}

/** `U` of the conformance checklist. */
export function expectUnauthenticated(answer: Answer): void {
  expectError(answer, 401, 'invalid_client');
  expect(answer.headers['www-authenticate']).toBe('Basic realm="introspection", charset="UTF-8"');
}

/** No caching, JSON, and for errors rows E1 and E2. */
function expectCommonRules({ status, headers, text, json }: Answer, method?: string): void {
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['pragma']).toBe('no-cache');
  expect(headers['content-type']).toBe('application/json');
  if (status === 200 || method === 'HEAD') return;
  expect(Object.keys(json), text).toEqual(['error', 'error_description']);
  expect(json['error_description']).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
}
