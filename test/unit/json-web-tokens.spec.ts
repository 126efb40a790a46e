import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCompactJws } from '../../src/jwt/compact-jws.js';
import { recordOf } from '../../src/jwt/jwt-claims.js';
import { revocationHash, revocationHashHex } from '../../src/jwt/revocation-hash.js';
import { parseStrictObject } from '../../src/jwt/strict-json.js';
import { base64url } from '../support/jwt.js';

const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
const part = (value: unknown) => base64url(JSON.stringify(value));

describe('Strict JSON', () => {
  it('reads every object as JSON.parse does', () => {
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictObject(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('F9 refuses a name that is there twice, however it is written', () => {
    fc.assert(
      fc.property(object, fc.string(), fc.boolean(), (value, name, nested) => {
        const plain = JSON.stringify(name);
        const escaped = `"${[...Array(name.length).keys()]
          .map((at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join('')}"`;
        const twice = `{${plain}:${JSON.stringify(value)},${escaped}:1}`;
        expect(parseStrictObject(nested ? `{"a":[${twice}]}` : twice)).toBeUndefined();
      }),
    );
  });

  it('allows a name again in another object, and brackets in strings', () => {
    expect(parseStrictObject('{"a":{"a":[{"a":1},{"a":2}]},"b":"}{\\"[,:"}')).toEqual({
      a: { a: [{ a: 1 }, { a: 2 }] },
      b: '}{"[,:',
    });
  });

  it('nests at most 64 deep', () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(parseStrictObject(nested(64))).toBeDefined();
    expect(parseStrictObject(nested(65))).toBeUndefined();
  });

  it('refuses what is not an object', () => {
    for (const text of ['', 'null', '1', '"a"', '[]', '{', '{"a":1}x', '\ufeff{}']) {
      expect(parseStrictObject(text)).toBeUndefined();
    }
  });
});

describe('Compact JWS', () => {
  it('is taken apart as it was put together', () => {
    fc.assert(
      fc.property(object, object, fc.uint8Array(), (header, claims, signature) => {
        const input = `${part(header)}.${part(claims)}`;
        const parsed = parseCompactJws(`${input}.${base64url(Buffer.from(signature))}`);
        expect(parsed).toEqual({
          header: JSON.parse(JSON.stringify(header)) as unknown,
          claims: JSON.parse(JSON.stringify(claims)) as unknown,
          signingInput: input,
          signature: Buffer.from(signature),
        });
      }),
    );
  });

  it('no text makes it fail', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        for (const text of [a, `${a}.${b}.${a}`, `${part({})}.${base64url(a)}.${b}`]) {
          expect(() => parseCompactJws(text)).not.toThrow();
        }
      }),
    );
  });

  it('D7 one changed character is never the same token', () => {
    const token = `${part({ alg: 'ES256' })}.${part({ iss: 'x' })}.${base64url(Buffer.alloc(64, 7))}`;
    const original = JSON.stringify([parseCompactJws(token), token.split('.')[2]]);
    const decoded = (text: string) =>
      Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, other) => {
          fc.pre(token[at] !== other);
          const changed = token.slice(0, at) + other + token.slice(at + 1);
          const parsed = parseCompactJws(changed);
          // Refused, or something that a signature tells from the original.
          if (parsed && decoded(changed) === decoded(token)) {
            expect(JSON.stringify([parsed, changed.split('.')[2]])).not.toBe(original);
            expect(parsed.signingInput).not.toBe(parseCompactJws(token)!.signingInput);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('Claims', () => {
  it('of any shape make a sound record, or none', () => {
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.constant(undefined));
    const names = [
      'client_id',
      'sub',
      'aud',
      'exp',
      'nbf',
      'iat',
      'jti',
      'scope',
      'cnf',
      'extended_claims',
    ];
    const claims = fc.record(Object.fromEntries(names.map((name) => [name, anything])));
    fc.assert(
      fc.property(claims, (value) => {
        const record = recordOf(value, 'own');
        if (!record) return;
        for (const time of [record.exp, record.nbf, record.iat]) {
          expect(time === undefined || Number.isSafeInteger(time) || Math.abs(time) > 2 ** 53).toBe(
            true,
          );
        }
        expect(record.aud.every((one) => typeof one === 'string')).toBe(true);
        for (const one of [record.clientId, record.sub, record.jti, record.scope]) {
          expect(one === undefined || typeof one === 'string').toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are revoked under the hash that is stored, whatever the release', () => {
    const hashOf = (claims: Record<string, string>) => revocationHashHex(claims, 'a.b');
    expect(hashOf({ iss: 'https://server.example.com/', jti: 'id', sub: 'x' })).toBe(
      '511104844c65c570e766c8864ff42b132aca217beb77a4fac72f397b4a4ca85a',
    );
    expect(hashOf({ iss: 'https://server.example.com/' })).toBe(
      '53fc6194807cf0210a13c830a9cd9ac56130267fb2b3e6aeefdd85d6fa5c51bc',
    );
  });

  it('two tokens are revoked together exactly when they have one issuer and one jti', () => {
    const text = fc.string({ maxLength: 4 });
    fc.assert(
      fc.property(text, text, text, text, (iss, jti, otherIss, otherJti) => {
        const one = revocationHashHex({ iss, jti }, 'a.b');
        const other = revocationHashHex({ iss: otherIss, jti: otherJti }, 'c.d');
        expect(one === other).toBe(iss === otherIss && jti === otherJti);
        expect(one).not.toBe(revocationHashHex({ iss }, jti));
      }),
    );
  });

  it('have one that a host can make, and other texts have none', () => {
    const token = `${part({ alg: 'ES256' })}.${part({ iss: 'i', jti: 'j' })}.AAAA`;
    const hash = revocationHash(token)!;
    expect(hash.toString('hex')).toBe(revocationHashHex({ iss: 'i', jti: 'j' }, ''));
    const signed = `${part({})}.${part({ iss: 'i' })}`;
    expect(revocationHash(`${signed}.AAAA`)).toEqual(
      Buffer.from(revocationHashHex({ iss: 'i' }, signed), 'hex'),
    );
    for (const text of ['', 'opaque', 'a.b', `${token}.`, `${token} `]) {
      expect(revocationHash(text)).toBeUndefined();
    }
  });
});
