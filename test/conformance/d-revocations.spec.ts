import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DOORS, ISSUER } from '../support/host.js';
import { base64url, sign, signingKey } from '../support/jwt.js';
import type { SigningKey } from '../support/jwt.js';
import { expectActive, expectInactive, startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

const TRUSTED = 'https://trusted.example';
const UNREACHABLE = 'https://unreachable.example';
const NOW = 2_000_000_000;
const DAY = 86_400;

describe.each(DOORS)('D. Revocations of JSON Web Tokens, on %s', (adapter) => {
  let world: World;
  let trustedKey: SigningKey;
  let stranger: SigningKey;
  beforeAll(async () => {
    [trustedKey, stranger] = await Promise.all([signingKey('ES256'), signingKey('ES256')]);
    world = await startWorld(adapter, {
      introspection: {
        trustedIssuers: [
          { issuer: TRUSTED, jwks: { keys: [trustedKey.public] } },
          { issuer: UNREACHABLE, jwks: { url: 'http://127.0.0.1:1/jwks' } },
        ],
      },
    });
  });
  afterAll(() => world.stop());
  afterEach(() => vi.useRealTimers());

  const at = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: seconds * 1000 });
  const purge = () => world.revocations.purge(1000);
  const rows = async () =>
    (await world.dataSource.query<{ exp: string | null }[]>('SELECT exp FROM revoked_jwt')).map(
      ({ exp }) => exp,
    );
  /** A token with the same issuer and jti that nobody has signed. */
  const twin = (claims: Record<string, unknown>) =>
    `${base64url('{"alg":"ES256"}')}.${base64url(JSON.stringify(claims))}.AAAA`;

  it('D21 a forged twin’s exp does not shorten it, revoked before or after', async () => {
    for (const first of ['twin', 'token']) {
      const claims = world.claims({ jti: `d21-twin-${first}`, exp: NOW + 3600 });
      at(NOW);
      const token = await sign(world.key, claims);
      const both = [twin({ ...claims, exp: 1 }), token];
      for (const one of first === 'twin' ? both : both.toReversed()) {
        expect(await world.revoke(one)).toBe('jwt');
      }
      await purge();
      expectInactive(await world.introspect(token));
    }
  });

  it('D21 of two JWTs that share a jti, the one that expires later is covered', async () => {
    for (const exps of [
      [NOW + 10, NOW + 10 * DAY],
      [NOW + 10 * DAY, NOW + 10],
      [NOW + 10, undefined],
      [undefined, NOW + 10],
    ]) {
      at(NOW);
      const claims = world.claims({ jti: `d21-shared-${exps.join()}` });
      const tokens = await Promise.all(exps.map((exp) => sign(world.key, { ...claims, exp })));
      for (const token of tokens) await world.revoke(token);
      at(NOW + 9 * DAY);
      await purge();
      for (const token of tokens) expectInactive(await world.introspect(token));
    }
  });

  it('D21 a purge by a clock that is ahead keeps it', async () => {
    at(NOW);
    const token = await sign(world.key, world.claims({ jti: 'd21-clock', exp: NOW + 60 }));
    await world.revoke(token);
    at(NOW + 60 + 120);
    await purge();
    at(NOW);
    expectInactive(await world.introspect(token));
  });

  it.each([1e20, 2 ** 63, Number.MAX_SAFE_INTEGER, NOW + 1.5, 1e300])(
    'D21 with the exp %d it can be revoked, and stays so',
    async (exp) => {
      at(NOW);
      for (const name of [{ jti: `d21-${exp}` }, {}]) {
        const token = await sign(world.key, world.claims({ ...name, sub: `d21-${exp}`, exp }));
        expectActive(await world.introspect(token));
        await world.revoke(token);
        await purge();
        expectInactive(await world.introspect(token));
      }
    },
  );

  it.each([-1, -1e20, 0])('D21 with the exp %d it can be revoked', async (exp) => {
    for (const name of [{ jti: `d21-${exp}` }, {}]) {
      const token = await sign(world.key, world.claims({ ...name, exp }));
      expect(await world.revoke(token)).toBe('jwt');
    }
  });

  it('D21 it is kept for ever where the token is not verified', async () => {
    await world.dataSource.query('DELETE FROM revoked_jwt');
    const claims = (more: object) => world.claims({ exp: NOW, jti: 'd21-unverified', ...more });
    for (const token of [
      twin(claims({ iss: ISSUER })),
      await sign(stranger, claims({ iss: ISSUER, jti: 'd21-stranger' })),
      await sign(world.key, claims({ jti: 'd21-type' }), { typ: 'dpop+jwt' }),
      await sign(stranger, claims({ iss: 'https://unknown.example' })),
      await sign(stranger, claims({ iss: UNREACHABLE })),
    ]) {
      expect(await world.revoke(token)).toBe('jwt');
    }
    expect(await rows()).toEqual(Array(5).fill(null));
  });

  it('D21 it is kept until the exp that is signed, and by its jti for a month at the least', async () => {
    at(NOW);
    await world.dataSource.query('DELETE FROM revoked_jwt');
    const { jti: _, ...unnamed } = world.claims({ exp: NOW + 0.5 });
    for (const token of [
      await sign(world.key, unnamed),
      twin({ ...unnamed, iss: 'https://unknown.example' }),
      await sign(world.key, { ...unnamed, jti: 'd21-own' }),
      await sign(trustedKey, { ...unnamed, iss: TRUSTED, jti: 'd21-trusted' }),
      await sign(world.key, { ...unnamed, jti: 'd21-later', exp: NOW + 40 * DAY }),
    ]) {
      await world.revoke(token);
    }
    const ends = [NOW, NOW, NOW + 30 * DAY, NOW + 30 * DAY, NOW + 40 * DAY];
    expect(new Set(await rows())).toEqual(new Set(ends.map(String)));
    for (const [time, deleted] of [
      [NOW + DAY - 1, 0],
      [NOW + DAY, 2],
      [NOW + 31 * DAY - 1, 0],
      [NOW + 31 * DAY, 2],
      [NOW + 41 * DAY, 1],
    ] as const) {
      at(time);
      expect(await purge()).toBe(deleted);
    }
  });

  it('D21 it covers a token of the same jti that nobody has asked about, after the one that was revoked', async () => {
    at(NOW);
    const claims = world.claims({ jti: 'd21-unasked' });
    const [short, long] = await Promise.all(
      [NOW - 2 * DAY, NOW + 10 * DAY].map((exp) => sign(world.key, { ...claims, exp })),
    );
    await world.revoke(short!);
    await purge();
    expectInactive(await world.introspect(long!));
    at(NOW + 9 * DAY);
    await purge();
    expectInactive(await world.introspect(long!));
  });

  it('D21 it is extended when a token is found revoked that lasts longer', async () => {
    at(NOW);
    const claims = world.claims({ jti: 'd21-extended' });
    const [short, long] = await Promise.all(
      [NOW + 10, NOW + 50 * DAY].map((exp) => sign(world.key, { ...claims, exp })),
    );
    await world.dataSource.query('DELETE FROM revoked_jwt');
    await world.revoke(short!);
    // Not by a token that is not verified, which is asked about first.
    expectInactive(await world.introspect(twin({ ...claims, exp: NOW + 60 * DAY })));
    expectInactive(await world.introspect(long!));
    await expect.poll(rows, { timeout: 20_000 }).toEqual([String(NOW + 50 * DAY)]);
    at(NOW + 49 * DAY);
    await purge();
    expectInactive(await world.introspect(long!));
  });
});
