import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../app/environment/environment.js';
import { introspectionOptions } from '../../app/environment/introspection-options.js';
import { jsonFault } from '../../app/environment/json-fault.js';
import { nearName } from '../../src/config/did-you-mean.js';
import { VARIABLES } from '../../app/environment/variables.js';
import { Failure } from '../../app/failure.js';
import { IntrospectionSettings } from '../../src/config/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'introspection-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = 'pa55word';
const names = Object.keys(VARIABLES).filter((name) => name !== 'CONFIG_FILE');

/** What looks like a value of ours, what is nearly one, and anything. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('0', '1', '0.5', 'true', 'off', 'error', 'any', 'at+jwt', 'auto', 'a,b', '::1'),
  fc.constantFrom('https://a.example', 'http://b.example/c', 'postgres://h/d', '/a/b', 'a', ''),
  fc.constantFrom('[]', '[{"issuer":"a","jwks_file":"b"}]', '[{"issuer":"a"}]', 'ES256,EdDSA'),
  fc.json(),
  fc.string().map((some) => SECRET + some),
);

/** The options are ones that the module takes; or one line names what is wrong, and no value. */
function expectOptionsOrMessage(variables: Record<string, string>, set: readonly string[]): void {
  let environment;
  try {
    environment = readEnvironment(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    const { message } = error as Failure;
    expect(message).toMatch(/^Environment: .*\.$/);
    expect(message).not.toContain(SECRET);
    const contradicting = 'ISSUER, ISSUER_ALIASES and TRUSTED_ISSUERS';
    expect(set.some((name) => message.includes(name)) || message.includes(contradicting)).toBe(
      true,
    );
    return;
  }
  expect(() => new IntrospectionSettings(introspectionOptions(environment))).not.toThrow();
}

describe('Any value of any variable starts or is explained:', () => {
  it('in the environment', () => {
    const environments = fc.dictionary(fc.constantFrom(...names), text, { minKeys: 1, maxKeys: 4 });
    fc.assert(
      fc.property(environments, (variables) => {
        expectOptionsOrMessage(variables, Object.keys(variables));
      }),
      { numRuns: 3000 },
    );
  });

  it('in CONFIG_FILE', () => {
    const file = join(folder, 'config.json');
    const value = fc.oneof(fc.jsonValue(), text, fc.array(text), fc.integer(), fc.boolean());
    const settings = fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1, maxKeys: 4 });
    fc.assert(
      fc.property(settings, (content) => {
        writeFileSync(file, JSON.stringify(content));
        expectOptionsOrMessage({ CONFIG_FILE: file }, Object.keys(content));
      }),
      { numRuns: 1000 },
    );
  });

  it('as the text of CONFIG_FILE', () => {
    const file = join(folder, 'any.json');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (content) => {
        writeFileSync(file, content);
        expectOptionsOrMessage({ CONFIG_FILE: file }, ['CONFIG_FILE', file]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('A fault in JSON', () => {
  const isJson = (some: string) => {
    try {
      JSON.parse(some);
      return true;
    } catch {
      return false;
    }
  };

  it('is found exactly where there is one', () => {
    // Of JSON with one character more, less or other, much is still JSON.
    const broken = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ...Array.from('{}[],:"\\ 0-.eE+u\n\t/')),
        fc.boolean(),
      )
      .map(([json, at, by, keeps]) => {
        const index = at % (json.length + 1);
        return json.slice(0, index) + by + json.slice(index + (keeps ? 0 : 1));
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken, fc.string()), (some) => {
        const fault = jsonFault(some);
        if (fault?.what === 'a name stands there twice') return;
        expect(fault === undefined).toBe(isJson(some));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['{"a": 1,\n"b" 2}', 2, 'a colon is missing'],
    ['{"a": 1\n"b": 2}', 2, 'a comma or } is missing'],
    ['[1\n2]', 2, 'a comma or ] is missing'],
    ['{"a": 1,\n}', 2, 'a name in double quotes is missing'],
    ['{\n// a remark\n}', 2, 'a name in double quotes is missing'],
    ["{\n'a': 1}", 2, 'a name in double quotes is missing'],
    ['{"a":\n}', 2, 'a value is missing'],
    ['[1,\n]', 2, 'a value is missing'],
    ['{"a": "b\n"}', 1, 'a value is missing'],
    ['{"a": 1}\n\n}', 3, 'there is something behind the end'],
    ['{"a": 1,\n"\\u0061": 2}', 2, 'a name stands there twice'],
    ['', 1, 'a value is missing'],
    ['{"a":\u00a0"b"}', 1, 'a value is missing'],
    ['{"a": 1,\n\u2003"b": 2}', 2, 'a name in double quotes is missing'],
    ['{\u000b}', 1, 'a name in double quotes is missing'],
    ['\ufeff{}', 1, 'a value is missing'],
    ['{}\u2028', 1, 'there is something behind the end'],
  ])('of %j is in line %i: %s', (some, line, what) => {
    expect(jsonFault(some)).toEqual({ line, what });
  });

  it('is none where objects beside each other have the same names', () => {
    expect(jsonFault('[{"a": {"a": 1}}, {"a": 2}]')).toBeUndefined();
  });
});

describe('The name that is meant', () => {
  it.each([
    ['ALGORITHMSS', 'ALGORITHMS'],
    ['ALGORTIHMS', 'ALGORITHMS'],
    ['HOTS', 'HOST'],
    ['HOME', undefined],
    ['PORTAL', undefined],
    ['', undefined],
  ])('by %s is %s', (given, meant) => {
    expect(nearName(given, ['ALGORITHMS', 'HOST', 'PORT'])).toBe(meant);
  });

  it('is the nearest', () => {
    expect(nearName('TLS_KEY_FILES', ['TLS_CERT_FILE', 'TLS_KEY_FILE'])).toBe('TLS_KEY_FILE');
  });
});
