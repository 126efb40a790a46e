import fc from 'fast-check';

/** Names that are members of every object, or a way to change them. */
const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'toJSON',
  'then',
];
/** Values that have broken parsers. */
const HOSTILE_TEXTS = [
  ...HOSTILE_NAMES,
  '\0',
  '%',
  '%zz',
  '%00',
  '%c0%af',
  '+',
  '&',
  '=',
  ';',
  ':',
  '.',
  '..',
  '[]',
  '\ud800',
  '\ufeff',
  '\u2028',
  "' OR 1=1 --",
  '${7*7}',
  '../../etc/passwd',
  'a'.repeat(1000),
];

export const bytes = (maxLength = 200) =>
  fc.uint8Array({ maxLength, size: 'max' }).map((array) => Buffer.from(array));

const text = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);

/** Something valid with some bytes taken out, put in, doubled or changed. */
export function mutated(valid: Buffer): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.nat(valid.length),
    remove: fc.constantFrom(0, 0, 1, 1, 2, 10),
    insert: fc.oneof(
      bytes(3),
      text.map((one) => Buffer.from(one)),
      fc.constant(valid.subarray(0, 20)),
    ),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 3 })
    .map((edits) =>
      edits.reduce(
        (whole, { at, remove, insert }) =>
          Buffer.concat([whole.subarray(0, at), insert, whole.subarray(at + remove)]),
        valid,
      ),
    );
}

/** What can stand in a header's value: Node's own parser refuses every other byte. */
export function headerValue(any: Buffer): string {
  // oxlint-disable-next-line no-control-regex -- the bytes that are refused
  return any.toString('latin1').replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '');
}

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  text,
  fc.double(),
  fc.constantFrom(1e308, -1, 0, 2 ** 53, 1e21, 0.5),
  fc.constantFrom<unknown>(null, true, [], {}, [[]], [null], { a: null }),
  fc.dictionary(fc.constantFrom(...HOSTILE_NAMES), fc.jsonValue({ maxDepth: 1 })),
);

/** An object's own members, hostile names among them, as JSON text. */
export function objectText(valid: Record<string, unknown>): fc.Arbitrary<string> {
  const name = fc.oneof(fc.constantFrom(...Object.keys(valid), ...HOSTILE_NAMES), text);
  // A text where one is expected gets further than anything else.
  const change = fc.tuple(
    fc.constantFrom(...Object.keys(valid)),
    fc.constantFrom(...HOSTILE_TEXTS),
  );
  const changes = fc.array(fc.oneof(fc.tuple(name, json), change), { maxLength: 4 });
  const removed = fc.subarray(Object.keys(valid), { maxLength: 2 });
  return fc.tuple(changes, removed).map(([added, left]) => {
    const kept = Object.entries(valid).filter(([one]) => !left.includes(one));
    // Object.fromEntries makes an own member even of __proto__.
    return JSON.stringify(Object.fromEntries([...kept, ...added]));
  });
}

/** A form's names and values, each encoded in one of the ways that clients do. */
export function formBody(valid: Record<string, string>): fc.Arbitrary<Buffer> {
  const name = fc.oneof(
    fc.constantFrom(...Object.keys(valid), 'client_id', 'client_secret', 'client_assertion'),
    fc.constantFrom('token[]', 'token[a]', 'token[__proto__]', '__proto__[a]', 'constructor.a'),
    text,
  );
  const value = fc.oneof(fc.constantFrom(...Object.values(valid)), text);
  const encode = fc.constantFrom(encodeURIComponentSafe, (raw: string) => raw, everyByte);
  const pair = fc
    .tuple(name, value, encode, encode)
    .map(([left, right, one, other]) => `${one(left)}=${other(right)}`);
  const own = new URLSearchParams(valid).toString();
  return fc
    .tuple(fc.array(pair, { maxLength: 5 }), fc.boolean())
    .map(([pairs, withOwn]) => Buffer.from([...(withOwn ? [own] : []), ...pairs].join('&')));
}

function encodeURIComponentSafe(raw: string): string {
  return encodeURIComponent(raw.toWellFormed());
}

function everyByte(raw: string): string {
  return [...Buffer.from(raw)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
