import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rotate, signingKeyOf, stateOf } from '../../app/environment/key-rotation.js';
import type { TimedKey } from '../../app/environment/key-rotation.js';

const key = (kid: string, more: object = {}): TimedKey => ({ kid, kty: 'EC', d: 'd', ...more });
const kidOf = (keys: readonly TimedKey[], now: number) => signingKeyOf(keys, now)?.kid;

describe('The key that signs', () => {
  it.each<[string, TimedKey[], string | undefined]>([
    ['is the first of those that name no time', [key('a'), key('b')], 'a'],
    [
      'is the one whose time came last',
      [key('a'), key('b', { nbf: 50 }), key('c', { nbf: 40 })],
      'b',
    ],
    ['is the one whose time comes now', [key('a'), key('b', { nbf: 100 })], 'b'],
    ['is none whose time is to come', [key('a'), key('b', { nbf: 101 })], 'a'],
    ['is the first of two with one time', [key('a', { nbf: 9 }), key('b', { nbf: 9 })], 'a'],
    ['is none where all are to come', [key('a', { nbf: 101 })], undefined],
    ['is a private one', [key('a', { d: undefined }), key('b')], 'b'],
    ['is no symmetric one', [key('a', { kty: 'oct' }), key('b')], 'b'],
    ['is none for encryption', [key('a', { use: 'enc' }), key('b')], 'b'],
    ['is none for something else', [key('a', { key_ops: ['deriveKey'] }), key('b')], 'b'],
    ['is one that names no time where it is no number', [key('a', { nbf: '9' }), key('b')], 'a'],
  ])('%s', (_what, keys, kid) => {
    expect(kidOf(keys, 100)).toBe(kid);
  });
});

it('states', () => {
  const keys = [
    key('a'),
    key('b', { nbf: 50 }),
    key('c', { nbf: 101 }),
    key('d', { d: undefined }),
  ];
  expect(keys.map((one) => stateOf(one, keys, 100))).toEqual(['old', 'signing', 'next', 'other']);
});

describe('Rotation', () => {
  const ages = { publishFor: 10, keepOld: 100 };

  it('retires a key when the next one has signed for long enough, and keeps what is no key of it', () => {
    const keys = [key('a'), key('public', { d: undefined }), key('b', { nbf: 100 })];
    expect(rotate(keys, key('c'), 199, ages).retired).toEqual([]);
    const { keys: left, retired } = rotate(keys, key('c'), 200, ages);
    expect(retired.map(({ kid }) => kid)).toEqual(['a']);
    expect(left).toEqual([keys[1], keys[2], key('c', { nbf: 210 })]);
  });

  it('signs with no key that was not published in time, and keeps each for all that it has signed', () => {
    const seconds = fc.integer({ min: 0, max: 400 });
    const steps = fc.array(fc.record({ wait: seconds, lifetime: seconds, rotates: fc.boolean() }));
    fc.assert(
      fc.property(steps, seconds, seconds, (taken, publishFor, keepOld) => {
        let now = 1000;
        let keys: readonly TimedKey[] = [key('first')];
        const publishedAt = new Map([['first', -Infinity]]);
        const tokens: { kid: string; exp: number }[] = [];
        for (const [at, { wait, lifetime, rotates }] of taken.entries()) {
          now += wait;
          if (rotates) {
            ({ keys } = rotate(keys, key(`${at}`), now, { publishFor, keepOld }));
            publishedAt.set(`${at}`, now);
          }
          const kid = kidOf(keys, now)!;
          expect(publishedAt.get(kid)! + publishFor).toBeLessThanOrEqual(now);
          tokens.push({ kid, exp: now + Math.min(lifetime, keepOld) });
          const kids = new Set(keys.map((one) => one.kid));
          for (const token of tokens) if (token.exp > now) expect(kids).toContain(token.kid);
        }
      }),
    );
  });
});
