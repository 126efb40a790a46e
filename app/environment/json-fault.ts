/** The white space of JSON (RFC 8259 §2), which is less than JavaScript's. */
const SPACE = /^[ \t\n\r]*/;

/** A string, a number, a word or a mark of JSON, with the white space before it. */
const TOKEN =
  // oxlint-disable-next-line no-control-regex -- a string must not have any
  /[ \t\n\r]*("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{},:])/y;

/** An object or an array that is not closed yet. */
interface Open {
  readonly close: '}' | ']';
  /** The names of the object's members so far. */
  readonly names: Set<string>;
}

/**
 * Where a text stops being JSON, or names a member twice. V8 says it too, but not always where, and it
 * quotes the text, which may hold a secret.
 *
 * @returns `undefined` when nothing is wrong
 */
export function jsonFault(text: string): { line: number; what: string } | undefined {
  const open: Open[] = [];
  let next: 'value' | 'first' | 'name' | 'colon' | 'comma' = 'value';
  let at = 0;
  const fault = (what: string) => ({ line: text.slice(0, at).split('\n').length, what });

  for (;;) {
    const inside = open.at(-1);
    if (next === 'comma' && !inside) break;
    TOKEN.lastIndex = at;
    const [match, token] = TOKEN.exec(text) ?? [];
    const isClosing = token !== undefined && token === inside?.close;
    at += (match ?? SPACE.exec(text.slice(at))![0]).length;

    if (isClosing && (next === 'comma' || next === 'first')) {
      open.pop();
      next = 'comma';
    } else if (next === 'comma') {
      if (token !== ',') return fault(`a comma or ${inside!.close} is missing`);
      next = inside!.close === '}' ? 'name' : 'value';
    } else if (next === 'colon') {
      if (token !== ':') return fault('a colon is missing');
      next = 'value';
    } else if (next === 'name' || (next === 'first' && inside!.close === '}')) {
      if (!token?.startsWith('"')) return fault('a name in double quotes is missing');
      const name = JSON.parse(token) as string;
      if (inside!.names.has(name)) return fault('a name stands there twice');
      inside!.names.add(name);
      next = 'colon';
    } else if (token === '{' || token === '[') {
      open.push({ close: token === '{' ? '}' : ']', names: new Set() });
      next = 'first';
    } else {
      if (token === undefined || /^[\]},:]$/.test(token)) return fault('a value is missing');
      next = 'comma';
    }
  }
  at += SPACE.exec(text.slice(at))![0].length;
  return at === text.length ? undefined : fault('there is something behind the end');
}
