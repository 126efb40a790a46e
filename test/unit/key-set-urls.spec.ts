import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { IntrospectionSettings } from '../../src/config/settings.js';
import { ConfiguredKeySource } from '../../src/jwt/configured-key-source.js';
import { KeySetUrl } from '../../src/jwt/key-set-url.js';
import { jwksServer } from '../support/jwks-server.js';
import { signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';

afterEach(() => void vi.useRealTimers());

const setOf = (...keys: SigningKey[]) => JSON.stringify({ keys: keys.map((key) => key.public) });
const header = ({ alg, kid }: SigningKey) => ({ alg, kid });
const passed = (seconds: number) =>
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });

describe('The keys at a URL', () => {
  it('are fetched and imported once for all who ask at the same time', async () => {
    const { state, url } = await jwksServer();
    const key = await signingKey('ES256');
    state.body = setOf(key);
    const keySet = new KeySetUrl({ url });
    const ask = () => Promise.all(Array.from({ length: 20 }, async () => keySet.find(header(key))));
    for (const set of ['none yet', 'held', 'old']) {
      if (set === 'old') passed(601);
      const found = (await ask()).flat();
      expect(found, set).toHaveLength(20);
      expect(new Set(found).size, set).toBe(1);
    }
    expect(state.requests).toBe(2);
  });

  it('a failure is one for all who ask at the same time', async () => {
    const { state, url } = await jwksServer();
    state.status = 500;
    const key = await signingKey('ES256');
    const keySet = new KeySetUrl({ url });
    const asked = Array.from({ length: 20 }, async () => keySet.find(header(key)));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(20).fill('rejected'));
    expect(state.requests).toBe(1);
  });

  it('F13 are fetched again after the clock was stepped back', async () => {
    const { state, url } = await jwksServer();
    const [old, fresh] = [await signingKey('ES256'), await signingKey('ES256')];
    state.body = setOf(old);
    const keySet = new KeySetUrl({ url });
    expect(await keySet.find(header(old))).toHaveLength(1);
    state.body = setOf(fresh);
    passed(-3600);
    expect(await keySet.find(header(old))).toHaveLength(0);
    expect(await keySet.find(header(fresh))).toHaveLength(1);
  });

  it.each([
    ['F13 are fetched again', { cacheMaxAge: 3600 }, 0],
    ['F13 are given up while they cannot be fetched', { cacheMaxAge: 0, staleFor: 3600 }, 1],
  ])('%s at their age, even if the clock was stepped back by less', async (_what, ages, fails) => {
    const { state, url } = await jwksServer();
    const [old, fresh] = [await signingKey('ES256'), await signingKey('ES256')];
    const start = Date.now();
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: start });
    state.body = setOf(old);
    const keySet = new KeySetUrl({ url, ...ages });
    expect(await keySet.find(header(old))).toHaveLength(1);
    Object.assign(state, { status: fails ? 500 : 200, body: setOf(fresh) });
    vi.advanceTimersByTime(3601_000);
    vi.setSystemTime(start + 1000);
    if (fails) await expect(Promise.resolve(keySet.find(header(old)))).rejects.toThrow();
    else expect(await keySet.find(header(old))).toHaveLength(0);
  });

  it('wait for a time that is not whole in milliseconds', async () => {
    const { state, url } = await jwksServer();
    const key = await signingKey('ES256');
    state.body = setOf(key);
    const keySet = new KeySetUrl({ url, timeout: 60.0001 });
    expect(await keySet.find(header(key))).toHaveLength(1);
  });

  it('F13 are not given up for as long as the clock was stepped back', async () => {
    const { state, url } = await jwksServer();
    const key = await signingKey('ES256');
    const keySet = new KeySetUrl({ url });
    state.status = 500;
    await expect(keySet.find(header(key))).rejects.toThrow();
    Object.assign(state, { status: 200, body: setOf(key) });
    passed(-3600);
    expect(await keySet.find(header(key))).toHaveLength(1);
  });
});

describe('A JWK Set URL without TLS', () => {
  const start = async (...urls: string[]) => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const trustedIssuers = urls.map((url) => ({ issuer: url, jwks: { url } }));
    const settings = new IntrospectionSettings({
      issuer: 'i',
      jwks: { keys: [] },
      issuerAliases: ['alias'],
      trustedIssuers,
    });
    const context = await NestFactory.createApplicationContext(
      {
        module: class Keys {},
        providers: [{ provide: IntrospectionSettings, useValue: settings }, ConfiguredKeySource],
      },
      { logger: false },
    );
    await context.close();
    return warn.mock.calls.map(([message]) => String(message));
  };

  it.each([
    'https://sts.example/jwks',
    'http://localhost:3000/jwks',
    'http://sts.localhost/jwks',
    'http://127.0.0.1/jwks',
    'http://127.9.9.9/jwks',
    'http://[::1]:8080/jwks',
  ])('%s is nothing to warn of', async (url) => {
    expect(await start(url)).toEqual([]);
  });

  it.each([
    'http://sts.example/jwks',
    'http://10.0.0.1/jwks',
    'http://localhost.example/jwks',
    'http://127.0.0.1.example/jwks',
    'http://[::2]/jwks',
  ])('%s is warned of', async (url) => {
    const warnings = await start('https://other.example/', url);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(url);
    expect(warnings[0]).toMatch(/use https:/i);
  });

  it('several are one warning, and nothing secret is in it', async () => {
    const warnings = await start('http://a.example/1?key=s3cret', 'http://b.example/2#s3cret');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('http://a.example/1, http://b.example/2');
    expect(warnings[0]).not.toContain('s3cret');
  });
});
