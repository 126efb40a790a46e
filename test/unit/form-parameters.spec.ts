import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/index.js';
import { FormParameters } from '../../src/http/form-parameters.js';

const parse = (body: string | Uint8Array) => FormParameters.parse(Buffer.from(body as string));
const percent = (bytes: Uint8Array) =>
  [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

describe('Form parameters', () => {
  it('A15 read what URLSearchParams writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (token) => {
        fc.pre(token.isWellFormed());
        const body = new URLSearchParams({ a: token, token, z: token }).toString();
        expect(parse(body).single('token')).toBe(token);
      }),
    );
  });

  it('A20 distinct bytes never make one value, encoded or raw', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        fc.pre(Buffer.compare(a, b) !== 0);
        const [left, right] = [a, b].map((one) => parse(`token=${percent(one)}`).single('token'));
        expect(left).not.toBe(right);
      }),
      { numRuns: 1000 },
    );
  });

  it('A20 a value is well formed exactly when its bytes are UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
        const value = parse(`token=${percent(bytes)}`).single('token')!;
        const utf8 = Buffer.from(Buffer.from(bytes).toString()).equals(Buffer.from(bytes));
        expect(value.isWellFormed()).toBe(utf8);
        if (utf8) expect(Buffer.from(value)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('A19 no bytes make it fail, except for a parameter that is there twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const form = parse(bytes);
        for (const name of ['token', 'token_type_hint', 'client_id'] as const) {
          try {
            form.single(name);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidRequestError);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('A9 a parameter that is there twice is named', () => {
    expect(() => parse('token=a&x=1&token=a').single('token')).toThrow(
      'The parameter token must not be sent more than once.',
    );
  });

  it.each([
    ['token=a', 'a'],
    ['&&token=a&&', 'a'],
    ['=x&token=a', 'a'],
    ['token==a=', '=a='],
    ['%74oken=%61', 'a'],
    ['token=a+b', 'a b'],
    ['token=a%2Bb', 'a+b'],
    ['token=%4', '%4'],
    ['token=%4A%zz', 'J%zz'],
    ['token= a\n', ' a\n'],
    ['token=%20', ' '],
    ['token', undefined],
    ['token=', undefined],
    ['tokenx=a', undefined],
    ['toke=a', undefined],
    ['', undefined],
    ['x', undefined],
  ])('A8, A15 %j has the token %j', (body, token) => {
    expect(parse(body).single('token')).toBe(token);
    expect(parse(body).peek('token')).toBe(token);
  });

  it('A8 a parameter without a value is empty, and is there', () => {
    expect(() => parse('token&token').single('token')).toThrow(InvalidRequestError);
    expect(parse('token&x').single('token')).toBeUndefined();
  });

  it('A9 a look ahead sees no parameter that is there twice', () => {
    expect(parse('token=a&token=b').peek('token')).toBeUndefined();
    expect(parse('token=a&token_type_hint=b').peek('token_type_hint')).toBe('b');
  });

  it('A20 what is not UTF-8 has a lone surrogate for each byte', () => {
    expect(parse('token=%ff%41').single('token')).toBe('\udcff\udc41');
    expect(parse(Buffer.from([0x74, 0x6f, 0x6b, 0x65, 0x6e, 0x3d, 0x80])).peek('token')).toBe(
      '\udc80',
    );
  });
});
