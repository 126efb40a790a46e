import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBasicCredentials } from '../../src/clients/basic-credentials.js';
import { basic, basicRaw } from '../support/http.js';

// oxlint-disable-next-line no-control-regex -- the characters that are refused
const CONTROL = /[\u0000-\u001f\u007f]/;
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => !CONTROL.test(one));

describe('Basic credentials', () => {
  it('B8 whatever is encoded by the book is read back', () => {
    fc.assert(
      fc.property(text, text, (clientId, secret) => {
        const parsed = parseBasicCredentials(basic(clientId, secret));
        expect(parsed?.readings[0]).toEqual({ clientId, secret });
      }),
    );
  });

  it('B8 whatever is sent raw is one of the readings', () => {
    const id = text.filter((one) => !one.includes(':'));
    fc.assert(
      fc.property(id, text, (clientId, secret) => {
        const parsed = parseBasicCredentials(basicRaw(`${clientId}:${secret}`));
        expect(parsed?.readings).toContainEqual({ clientId, secret });
        expect(parsed?.readings.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('B10, B12 no bytes make it fail, and no reading has a control character or a gap', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const header of [
          basicRaw(Buffer.from(bytes)),
          Buffer.from(bytes).toString('latin1'),
        ]) {
          for (const { clientId, secret } of parseBasicCredentials(header)?.readings ?? []) {
            expect(clientId).not.toBe('');
            expect(secret).not.toBe('');
            expect(clientId + secret).not.toMatch(CONTROL);
          }
        }
      }),
    );
  });

  it('B12 one changed character of the base64 never leaves the reading the same', () => {
    const base64 = Buffer.from('client:a secret of some length').toString('base64');
    const original = parseBasicCredentials(`Basic ${base64}`);
    fc.assert(
      fc.property(
        fc.nat(base64.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, other) => {
          fc.pre(base64[at] !== other);
          const changed = base64.slice(0, at) + other + base64.slice(at + 1);
          expect(parseBasicCredentials(`Basic ${changed}`)).not.toEqual(original);
        },
      ),
    );
  });

  it.each([
    ['raw', 'a:b', [['a', 'b']]],
    ['split at the first colon', 'a:b:c', [['a', 'b:c']]],
    [
      'encoded, or raw with the same characters',
      'a%3Ab:c+d',
      [
        ['a:b', 'c d'],
        ['a%3Ab', 'c+d'],
      ],
    ],
    [
      'encoded in the id alone',
      'a+b:c',
      [
        ['a b', 'c'],
        ['a+b', 'c'],
      ],
    ],
    [
      'encoded in the secret alone',
      'a:%41',
      [
        ['a', 'A'],
        ['a', '%41'],
      ],
    ],
    ['raw where it cannot be encoded', 'a:%zz', [['a', '%zz']]],
    ['raw where encoded it has a control character in the id', 'a%00:b', [['a%00', 'b']]],
    ['raw where encoded it has a control character in the secret', 'a:b%0A', [['a', 'b%0A']]],
  ])('B8 are read %s', (_what, userPass, expected) => {
    const readings = expected.map(([clientId, secret]) => ({ clientId, secret }));
    expect(parseBasicCredentials(basicRaw(userPass))).toStrictEqual({ readings });
  });

  it.each([
    ...['', ':', ':b', 'a:', 'ab', 'a\0:b', 'a:b\n', 'a\u007f:b'].map((one) => basicRaw(one)),
    basicRaw(Buffer.from([0x61, 0x3a, 0xff])),
    'Basic YTpi!',
    'Basic YTpiYw',
    'Basic YTpiYw=',
    'Basic YTpiYx==',
    'Basic YTpiYw===',
    'Basic YTpi=',
    'Basic YTpi YTpi',
    'xBasic YTpi',
    'Basicx YTpi',
    'BasicYTpi',
    'Basic\tYTpi',
    'Basic',
    'Basic ',
    'YTpi',
    '',
  ])('B12, B17 %j are none', (authorization) => {
    expect(parseBasicCredentials(authorization)).toBeUndefined();
  });

  it('B11 are read whatever the case of the scheme, and after any spaces', () => {
    const readings = [{ clientId: 'a', secret: 'bc' }];
    for (const header of ['basic YTpiYw==', 'BASIC   YTpiYw==']) {
      expect(parseBasicCredentials(header)).toEqual({ readings });
    }
  });
});
