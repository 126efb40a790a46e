import { expect } from 'vitest';
import type { Answer } from '../support/http.js';
import { INACTIVE } from '../support/world.js';

/** Every answer that this endpoint may give to somebody who is sent no failure of ours. */
const ALLOWED = new Set([
  '200',
  '400 invalid_request',
  '400 unsupported_token_type',
  '401 invalid_client',
  '413 invalid_request',
  '415 invalid_request',
]);

const STRINGS = ['client_id', 'username', 'scope', 'sub', 'iss', 'jti', 'token_type'];
const TIMES = ['exp', 'iat', 'nbf', 'auth_time'];

/** What is common to all answers, `world.send` has looked at. @returns what it was, for the count */
export function expectAllowed({ status, text, json }: Answer): string {
  const kind = status === 200 ? '200' : `${status} ${String(json['error'])}`;
  expect(ALLOWED, text).toContain(kind);
  if (status !== 200) return kind;
  if (json['active'] === true) expectSound(json, text);
  else expect(text).toBe(INACTIVE);
  return json['active'] === true ? 'active' : 'inactive';
}

/** D1, S5: whatever was in the token, the answer's members are what they must be. */
function expectSound(answer: Record<string, unknown>, text: string): void {
  for (const name of STRINGS) expect(['string', 'undefined'], text).toContain(typeof answer[name]);
  for (const name of TIMES) {
    const time = answer[name];
    expect(time === undefined || Number.isInteger(time), text).toBe(true);
  }
  expect(Object.values(answer), text).not.toContain(null);
  expect(Object.hasOwn(answer, '__proto__'), text).toBe(false);
  expect(answer['extended_claims'], text).toBeTypeOf('object');
  expect(['Bearer', 'DPoP'], text).toContain(answer['token_type']);
  const { aud = [] } = answer;
  expect(Array.isArray(aud) && aud.every((one) => typeof one === 'string'), text).toBe(true);
}

/** Everything that every object inherits, to be held against what it is later. */
export function inherited(): unknown[] {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype].map((one) =>
    Reflect.ownKeys(one).map((key) => [key, Object.getOwnPropertyDescriptor(one, key)]),
  );
}
