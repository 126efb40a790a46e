import { describe, expect, it } from 'vitest';
import { parseCompactJws } from '../../src/jwt/compact-jws.js';
import { parseStrictObject } from '../../src/jwt/strict-json.js';
import { base64url } from '../support/jwt.js';

const HEADER = base64url('{"alg":"ES256"}');
const CLAIMS = base64url('{"iss":"https://server.example.com/"}');
const SIGNATURE = base64url(Buffer.alloc(64, 0xff));
const NOT_UTF8 = base64url(Buffer.from('{"iss":"\xff"}', 'latin1'));
const STANDARD = Buffer.from('{"a":"~~~???"}').toString('base64');

describe('F9 A JSON Web Token is none', () => {
  it.each([
    ['of one part', HEADER],
    ['of two parts', `${HEADER}.${CLAIMS}`],
    ['of four parts', `${HEADER}.${CLAIMS}.${SIGNATURE}.`],
    ['of five parts', `${HEADER}.${CLAIMS}.${SIGNATURE}.${CLAIMS}.${SIGNATURE}`],
    ['without header', `.${CLAIMS}.${SIGNATURE}`],
    ['without claims', `${HEADER}..${SIGNATURE}`],
    ['with a header that is a list', `${base64url('[]')}.${CLAIMS}.${SIGNATURE}`],
    ['with claims that are a list', `${HEADER}.${base64url('[]')}.${SIGNATURE}`],
    ['with a header that is not UTF-8', `${NOT_UTF8}.${CLAIMS}.${SIGNATURE}`],
    ['with claims that are not UTF-8', `${HEADER}.${NOT_UTF8}.${SIGNATURE}`],
    ['in plain base64', `${HEADER}.${STANDARD}.${SIGNATURE}`],
    ['with a signature in plain base64', `${HEADER}.${CLAIMS}.////`],
    ['with padding', `${HEADER}.${CLAIMS}.${SIGNATURE}==`],
    ['with other bits under its end', `${HEADER}.${CLAIMS}.${SIGNATURE.slice(0, -1)}x`],
    ['with a line break', `${HEADER}.${CLAIMS}\n.${SIGNATURE}`],
    ['with a space at its end', `${HEADER}.${CLAIMS}.${SIGNATURE} `],
  ])('%s', (_what, token) => {
    expect(STANDARD).toMatch(/[+/]/);
    expect(parseCompactJws(`${HEADER}.${CLAIMS}.${SIGNATURE}`)).toBeDefined();
    expect(parseCompactJws(token)).toBeUndefined();
  });
});

describe('F9 A JSON object', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '{"a":{},"a":1}',
    '{"a":[],"a":[]}',
    '{"a":"x","a":"y"}',
    '{"":1,"":2}',
    '{"\\"":1,"\\u0022":2}',
    '{"a\\\\":1,"b":2,"a\\\\":3}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[{"b":1,"b":2}]}',
    '{"a":["b",{"c":1},{"b":1,"b":2}]}',
    '{ "a" : 1 , "a" : 2 }',
  ])('%s has a name twice', (text) => {
    expect(JSON.parse(text)).toBeDefined();
    expect(parseStrictObject(text)).toBeUndefined();
  });

  it.each([
    '{}',
    '{"a":"a","b":"a"}',
    '{"a":["a","a","b"],"b":["a"]}',
    '{"a":[["b","b"],"b"],"b":[]}',
    '{"a":{"a":{"a":{}}},"b":{"a":1}}',
    '{"a":[{"a":1},{"a":2}],"b":{"a":1}}',
    '{"a":"{\\"b\\":1,\\"b\\":2}"}',
    '{"a":"\\\\","b":"\\\\\\"","c":"}]"}',
    '{"a":"A","\\u0041":1}',
    '{"constructor":1,"toString":2}',
    ' {"a" : [ ] , "b" : { } }\n',
  ])('%s has each name once', (text) => {
    expect(parseStrictObject(text)).toEqual(JSON.parse(text));
  });

  it('nests at most 64 deep, in lists too, and as often side by side', () => {
    const lists = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(parseStrictObject(lists(64))).toBeDefined();
    expect(parseStrictObject(lists(65))).toBeUndefined();
    expect(parseStrictObject(`{"a":[${'[],{},'.repeat(100)}1]}`)).toBeDefined();
  });
});
