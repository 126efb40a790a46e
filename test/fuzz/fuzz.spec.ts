import { Agent } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTERS, ISSUER } from '../support/host.js';
import { FORM, basic, formEncode } from '../support/http.js';
import { base64url, sign, signUnder } from '../support/jwt.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';
import { expectAllowed, inherited } from './answers.js';
import { bytes, formBody, headerValue, mutated, objectText } from './inputs.js';

/** How many inputs each door of each adapter gets; `npm run test:fuzz` has thousands. */
const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 100);

/** An answer that takes longer, in milliseconds, never comes. */
const NEVER = 20_000;

describe.each(ADAPTERS)('Whatever is sent, on %s', (adapter) => {
  const agent = new Agent({ keepAlive: true });
  const counts: Record<string, number> = {};
  const before = inherited();
  let world: World;
  let live: string;
  let jwt: string;
  beforeAll(async () => {
    // Limits would stop us after the first few guesses.
    world = await startWorld(adapter, { introspection: { limits: false } });
    live = await world.issue();
    jwt = await sign(world.key, world.claims());
  });
  afterAll(async () => {
    agent.destroy();
    await world.stop();
    if (process.env['FUZZ_INPUTS']) console.table(counts);
  });

  const send = async (door: string, authorization: string, body: string | Buffer) => {
    const headers = [...FORM, 'Authorization', authorization];
    const answer = await world.send({ agent, headers, body });
    const kind = `${door}: ${expectAllowed(answer)}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
    return answer;
  };
  /** Tries so many inputs; the server is as it was, and still answers. */
  const fuzz = async <T>(inputs: fc.Arbitrary<T>, attempt: (input: T) => Promise<void>) => {
    const property = fc.asyncProperty(inputs, attempt);
    await fc.assert(property, { numRuns: INPUTS, timeout: NEVER });
    expect(inherited()).toEqual(before);
    const { json } = await send('afterwards', world.authorization('rs'), `token=${live}`);
    expect(json['active']).toBe(true);
  };

  it('B12 in the Authorization header: nobody is let in but by the right credentials', async () => {
    const right = `rs:${world.secrets['rs']}`;
    const encoded = (userPass: Buffer) => `Basic ${userPass.toString('base64')}`;
    const headers = fc.oneof(
      bytes().map(headerValue),
      bytes().map(encoded),
      mutated(Buffer.from(basic('rs', world.secrets['rs']!))).map(headerValue),
      mutated(Buffer.from(right)).map(encoded),
      mutated(Buffer.from(`${formEncode('rs')}:%${right.slice(3)}`)).map(encoded),
    );
    await fuzz(headers, async (header) => {
      const { status } = await send('header', header, `token=${live}`);
      if (status === 401) return;
      // HTTP takes the white space about a value away.
      const [, base64 = ''] = /^basic +(\S+)$/i.exec(header.trim()) ?? [];
      const userPass = Buffer.from(base64, 'base64').toString();
      expect([userPass, decoded(userPass)], header).toContain(right);
    });
  });

  it('A19, A20 in the body: an active answer is about the one token that was sent', async () => {
    const valid = { token: live, token_type_hint: 'access_token' };
    const usual = Buffer.from(new URLSearchParams(valid).toString());
    const bodies = fc.oneof(bytes(), mutated(usual), formBody(valid), formBody(valid));
    await fuzz(bodies, async (body) => {
      const { json } = await send('body', world.authorization('rs'), body);
      if (json['active'] !== true) return;
      const form = new URLSearchParams(`&${body.toString('latin1')}`);
      expect(form.getAll('token')).toEqual([live]);
    });
  });

  it('D7 in the bytes of a JSON Web Token: only the one that was signed is active', async () => {
    const [header, payload, signature] = jwt.split('.') as [string, string, string];
    const inside = (part: string) =>
      mutated(Buffer.from(part, 'base64url')).map((changed) => base64url(changed));
    const tokens = fc.oneof(
      mutated(Buffer.from(jwt)),
      inside(header).map((changed) => `${changed}.${payload}.${signature}`),
      inside(payload).map((changed) => `${header}.${changed}.${signature}`),
      inside(signature).map((changed) => `${header}.${payload}.${changed}`),
      fc
        .tuple(bytes(), bytes(), bytes())
        .map((parts) => parts.map((one) => base64url(one)).join('.')),
    );
    await fuzz(tokens, async (token) => {
      const sent = Buffer.from(token);
      const { json } = await send('token', world.authorization('rs'), `token=${escaped(sent)}`);
      if (json['active'] === true) expect(sent.toString()).toBe(jwt);
    });
  });

  it('F1, F9 in signed headers and claims: an active answer says what was signed', async () => {
    const { kid } = world.key;
    const headers = objectText({ alg: 'ES256', kid, typ: 'at+jwt' });
    const payloads = objectText({
      ...world.claims(),
      scope: 'read',
      jti: 'one',
      cnf: { jkt: 'x' },
    });
    const plain = fc.constant(JSON.stringify({ alg: 'ES256', kid }));
    const inputs = fc.tuple(fc.oneof(headers, plain, plain, plain), payloads);
    await fuzz(inputs, async ([header, claims]) => {
      const token = await signUnder(world.key, claims, header);
      const { json } = await send('claims', world.authorization('rs'), `token=${token}`);
      if (json['active'] !== true) return;
      expect((JSON.parse(header) as { alg: string }).alg).toBe('ES256');
      const signed = JSON.parse(claims) as Record<string, unknown>;
      expect(signed).toMatchObject({ iss: ISSUER, client_id: 'app' });
      for (const name of ['iss', 'sub', 'client_id', 'username', 'jti', 'cnf']) {
        expect(json[name], claims).toEqual(signed[name]);
      }
      if (signed['exp'] !== undefined)
        expect(json['exp']).toBe(Math.floor(signed['exp'] as number));
    });
  });
});

function escaped(raw: Buffer): string {
  return [...raw].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function decoded(userPass: string): string | undefined {
  try {
    return decodeURIComponent(userPass.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
