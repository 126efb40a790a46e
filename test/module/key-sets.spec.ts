import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { JwksSource } from '../../src/index.js';
import type { JWK } from 'jose';
import { DOORS } from '../support/host.js';
import { jwksServer } from '../support/jwks-server.js';
import type { JwksState } from '../support/jwks-server.js';
import { sign, signingKey } from '../support/jwt.js';
import { expectActive, expectError, expectInactive, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

afterEach(() => vi.useRealTimers());

async function worldWith(jwks: JwksSource) {
  const world = await startWorld('fastify', { introspection: { jwks } });
  onTestFinished(() => world.stop());
  return world;
}

const later = (seconds: number) =>
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });

describe('A key set behind a URL', () => {
  it('is fetched once for many tokens, and only when one needs it', async () => {
    const { state, url } = await jwksServer();
    const key = await signingKey('ES256');
    state.body = JSON.stringify({ keys: [key.public] });
    const world = await worldWith({ url });
    expectInactive(await world.introspect('opaque'));
    expect(state.requests).toBe(0);
    for (let i = 0; i < 5; i++) {
      expectActive(await world.introspect(await sign(key, world.claims({ n: i }))));
    }
    expect(state.requests).toBe(1);
  });

  it('F10 a new key is found, a withdrawn one is not, once the set is read again', async () => {
    const { state, url } = await jwksServer();
    const [old, fresh] = [await signingKey('ES256'), await signingKey('ES256')];
    state.body = JSON.stringify({ keys: [old.public] });
    const world = await worldWith({ url, cooldown: 30, cacheMaxAge: 600 });
    const tokens = [
      await sign(old, world.claims({ exp: undefined })),
      await sign(fresh, world.claims({ exp: undefined })),
    ] as const;
    expectActive(await world.introspect(tokens[0]));

    state.body = JSON.stringify({ keys: [old.public, fresh.public] });
    expectInactive(await world.introspect(tokens[1]));
    later(31);
    expectActive(await world.introspect(tokens[1]));
    // Retired, but still published.
    expectActive(await world.introspect(tokens[0]));

    state.body = JSON.stringify({ keys: [fresh.public] });
    later(601);
    expectInactive(await world.introspect(tokens[0]));
    expectActive(await world.introspect(tokens[1]));
  });

  it('F10 unknown keys make no more than one request in the cooldown', async () => {
    const { state, url } = await jwksServer();
    const key = await signingKey('ES256');
    state.body = JSON.stringify({ keys: [key.public] });
    const world = await worldWith({ url });
    for (let i = 0; i < 5; i++) {
      expectInactive(
        await world.introspect(await sign(key, world.claims(), { kid: `unknown-${i}` })),
      );
    }
    expect(state.requests).toBe(1);
  });

  it.each<[string, (state: JwksState) => void]>([
    ['fails', (state) => Object.assign(state, { status: 500 })],
    ['is not there', (state) => Object.assign(state, { status: 404 })],
    ['serves garbage', (state) => Object.assign(state, { body: '<html>' })],
    ['serves something else', (state) => Object.assign(state, { body: '{"keys":1}' })],
    ['does not answer in time', (state) => Object.assign(state, { stall: true })],
    ['stops half-way', (state) => Object.assign(state, { body: '{"keys":[', end: false })],
    [
      'serves too much',
      (state) => Object.assign(state, { body: `${state.body}${' '.repeat(1 << 20)}` }),
    ],
  ])('F11 a server that %s → 503, and a held copy is used for a while', async (_what, fail) => {
    const { state, url } = await jwksServer();
    const key = await signingKey('ES256');
    const good = JSON.stringify({ keys: [key.public] });
    const world = await worldWith({ url, timeout: 1, staleFor: 3600 });
    const token = await sign(key, world.claims({ exp: undefined }));
    state.body = good;
    fail(state);
    // Time stands still, so that it does not count how long this takes.
    later(0);
    expectError(await world.introspect(token), 503, 'temporarily_unavailable');
    // Whoever asks next does not wait for a server that has just failed.
    expectError(await world.introspect(token), 503, 'temporarily_unavailable');
    expect(state.requests).toBe(1);
    // Opaque tokens do not wait for the keys.
    expectActive(await world.introspect(await world.issue()));

    Object.assign(state, { status: 200, body: good, stall: false, end: true });
    later(31);
    expectActive(await world.introspect(token));
    fail(state);
    later(700);
    expectActive(await world.introspect(token));
    later(3700);
    expectError(await world.introspect(token), 503, 'temporarily_unavailable');
  });
});

describe('A key set in a file', () => {
  const seen = (world: World, token: string) =>
    expect.poll(async () => (await world.introspect(token)).json['active'], { timeout: 20_000 });

  it('F10, F13 is read again when it has changed, whatever its times say; a broken file leaves the last good set', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const folder = await mkdtemp(join(tmpdir(), 'jwks-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'jwks.json');
    const write = async (text: string) => {
      await writeFile(file, text);
      await utimes(file, 1, 1);
    };
    const warned = (text: string) =>
      expect
        .poll(() => String(warn.mock.lastCall), { timeout: 20_000 })
        .toContain(`The JWK Set file ${file} was not read again: ${text}`);
    const [old, fresh] = [await signingKey('ES256'), await signingKey('RS256')];
    await write(JSON.stringify({ keys: [old.public] }));
    const world = await worldWith({ file });
    const tokens = [await sign(old, world.claims()), await sign(fresh, world.claims())] as const;
    expectActive(await world.introspect(tokens[0]));
    expectInactive(await world.introspect(tokens[1]));

    await write('not JSON');
    await warned('it is not JSON');
    expectActive(await world.introspect(tokens[0]));
    await write('{"keys":1}');
    await warned('it is not a JWK Set');
    expectActive(await world.introspect(tokens[0]));
    await write(JSON.stringify({ keys: [fresh.public] }));
    await seen(world, tokens[0]).toBe(false);
    expectActive(await world.introspect(tokens[1]));
    await rm(file);
    await warned('ENOENT');
    expectActive(await world.introspect(tokens[1]));
    await write('{"keys":[]}');
    await seen(world, tokens[1]).toBe(false);
  });

  it('F13 is read again after the clock was stepped back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jwks-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'jwks.json');
    const [old, fresh] = [await signingKey('ES256'), await signingKey('ES256')];
    await writeFile(file, JSON.stringify({ keys: [old.public] }));
    const world = await worldWith({ file });
    const token = await sign(old, world.claims());
    expectActive(await world.introspect(token));
    later(-3600);
    await writeFile(file, JSON.stringify({ keys: [fresh.public] }));
    await seen(world, token).toBe(false);
  });

  it('does not say what is in a file that is not JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'jwks-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'jwks.json');
    await writeFile(file, 'TOP-SECRET {');
    const error = await startWorld('fastify', { introspection: { jwks: { file } } }).catch(String);
    expect(error).toContain(`The JWK Set file ${file} cannot be used: it is not JSON.`);
    expect(error).not.toContain('TOP-SECRET');
  });
});

describe('Keys without a name', () => {
  it('each that fits is tried', async () => {
    const keys = [await signingKey('ES256'), await signingKey('ES256'), await signingKey('ES256')];
    const unnamed = keys.map(({ public: { kid: _, ...jwk } }) => jwk);
    const world = await worldWith({ keys: unnamed });
    for (const key of keys) {
      expectActive(await world.introspect(await sign(key, world.claims(), { kid: undefined })));
    }
    const other = await signingKey('ES256');
    expectInactive(await world.introspect(await sign(other, world.claims(), { kid: undefined })));
  });
});

describe('F12 What a key says of itself decides whether it verifies', () => {
  const PRIVATE = { d: 'private' };
  const CASES: [what: string, jwk: Record<string, unknown>, verifies: boolean][] = [
    ['nothing', { alg: undefined }, true],
    ['use sig', { use: 'sig' }, true],
    ['use enc', { use: 'enc' }, false],
    ['use enc, key_ops verify', { use: 'enc', key_ops: ['verify'] }, false],
    ['a use that is none', { use: 'SIG' }, false],
    ['a use that is a list', { use: ['sig'] }, false],
    ['a use that is null', { use: null }, false],
    ['key_ops verify', { key_ops: ['verify'] }, true],
    ['key_ops verify and others', { key_ops: ['wrapKey', 'verify'] }, true],
    ['key_ops encrypt', { key_ops: ['encrypt'] }, false],
    ['key_ops deriveKey, use sig', { key_ops: ['deriveKey'], use: 'sig' }, false],
    ['key_ops sign, of a public key', { key_ops: ['sign'] }, false],
    ['key_ops sign, of a private key', { key_ops: ['sign'], ...PRIVATE }, true],
    ['key_ops verify, of a private key', { key_ops: ['verify'], ...PRIVATE }, true],
    ['key_ops decrypt, of a private key', { key_ops: ['decrypt'], ...PRIVATE }, false],
    [
      'key_ops sign and use enc, of a private key',
      { key_ops: ['sign'], use: 'enc', ...PRIVATE },
      false,
    ],
    ['no operations', { key_ops: [] }, false],
    ['key_ops that is no list', { key_ops: 'verify' }, false],
    ['key_ops that is an object', { key_ops: { verify: true } }, false],
    ['key_ops that is null', { key_ops: null }, false],
    ['its algorithm', { alg: 'ES256' }, true],
    ['another algorithm', { alg: 'ES384' }, false],
    ['an algorithm for encryption', { alg: 'ECDH-ES' }, false],
    ['an algorithm that is null', { alg: null }, false],
    ['another curve', { crv: 'P-384' }, false],
    ['another kid', { kid: 'another' }, false],
    ['another type', { kty: 'RSA' }, false],
    ['a point that is not on the curve', { x: 'AAAA' }, false],
  ];

  it.each(DOORS)('on %s', async (door) => {
    const key = await signingKey('ES256');
    const issuer = (at: number) => `https://issuer-${at}.example`;
    const world = await startWorld(door, {
      introspection: {
        trustedIssuers: CASES.map(([, jwk], at) => ({
          issuer: issuer(at),
          jwks: { keys: [Object.assign({}, key.public, jwk)] },
        })),
      },
    });
    onTestFinished(() => world.stop());
    for (const [at, [what, , verifies]] of CASES.entries()) {
      const token = await sign(key, world.claims({ iss: issuer(at) }));
      const answer = await world.introspect(token);
      expect.soft([answer.status, answer.json['active']], what).toEqual([200, verifies]);
    }
  });

  it.each(['in memory', 'at a URL'])(
    '%s, of two keys with one kid, and beside what is no key, the one that can is found',
    async (where) => {
      const [key, small] = [await signingKey('ES256'), await signingKey('RS256')];
      const { kid } = key;
      const set = {
        keys: [
          null,
          'x',
          7,
          {},
          { kty: 'XX', kid },
          { kty: 'oct', k: 'AAAA', kid },
          { ...small.public, kid },
          { ...key.public, x: 'AAAA' },
          { ...key.public, use: 'enc' },
          { ...(await signingKey('ES256')).public, kid },
          key.public,
        ] as JWK[],
      };
      const { state, url } = await jwksServer();
      state.body = JSON.stringify(set);
      const world = await worldWith(where === 'in memory' ? set : { url });
      expectActive(await world.introspect(await sign(key, world.claims())));
    },
  );

  it('a set without keys verifies nothing', async () => {
    const world = await worldWith({ keys: [] });
    expectInactive(await world.introspect(await sign(await signingKey('ES256'), world.claims())));
  });
});
