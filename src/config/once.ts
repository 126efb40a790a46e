/** What was made of an options object, and what was in it then. */
const MADE = new WeakMap<object, { readonly given: object; readonly made: unknown }>();

/**
 * Makes one thing of one options object: the modules of a host that import it with the same options share
 * it. An object that was changed since is another one.
 */
export function once<T>(options: object, make: () => T): T {
  const before = MADE.get(options);
  if (before && hasSameMembers(before.given, options)) return before.made as T;
  const made = make();
  MADE.set(options, { given: { ...options }, made });
  return made;
}

function hasSameMembers(a: object, b: object): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.is(a[name as never], b[name as never]))
  );
}
