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
});
