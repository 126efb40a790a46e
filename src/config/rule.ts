import { nearName } from './did-you-mean.js';

/** Tells what is wrong with the value of an option, which is never told itself: it may be a secret. */
export type Rule = (value: unknown, name: string) => Iterable<string>;

/** The rule of each member of an object. */
export type Rules = Readonly<Record<string, Rule>>;

/** @param mustBe completes "issuer must be …" */
export function mustBe(what: string, isGood: (value: unknown) => boolean): Rule {
  return function* (value, name) {
    if (!isGood(value)) yield `${name} must be ${what}`;
  };
}

export function oneOf(...values: readonly (string | boolean)[]): Rule {
  const shown = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
  return mustBe(`one of ${shown.join(', ')}`, (value) => values.includes(value as string));
}

export function listOf(what: string, rule: Rule): Rule {
  return function* (value, name) {
    if (!Array.isArray(value)) yield `${name} must be a list of ${what}, and is ${kindOf(value)}`;
    else for (const [at, item] of value.entries()) yield* rule(item, `${name}[${at}]`);
  };
}

export function objectOf(what: string, rules: Rules, required: readonly string[] = []): Rule {
  return function* (value, name) {
    if (isObject(value)) yield* memberFaults(value, rules, required, name);
    else yield `${name} must be ${what}, and is ${kindOf(value)}`;
  };
}

/** What is wrong with an object's members. One that is `undefined` counts as not given. */
export function* memberFaults(
  given: object,
  rules: Rules,
  required: readonly string[],
  within?: string,
): Generator<string> {
  yield* unknownMembers(given, Object.keys(rules), within);
  yield* knownMembers(given, rules, required, within);
}

export function* knownMembers(
  given: object,
  rules: Rules,
  required: readonly string[],
  within?: string,
): Generator<string> {
  for (const [member, rule] of Object.entries(rules)) {
    const value = (given as Readonly<Record<string, unknown>>)[member];
    const isAbsent = value === undefined && !required.includes(member);
    if (!isAbsent) yield* rule(value, pathOf(member, within));
  }
}

export function* unknownMembers(
  given: object,
  names: readonly string[],
  within?: string,
): Generator<string> {
  for (const member of Object.keys(given)) {
    if (names.includes(member)) continue;
    const meant = nearName(member, names);
    const suggestion = meant === undefined ? '' : ` (did you mean "${pathOf(meant, within)}"?)`;
    yield `"${pathOf(member, within)}" is not an option here${suggestion}`;
  }
}

function pathOf(member: string, within: string | undefined): string {
  return within === undefined ? member : `${within}.${member}`;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Names the kind of a value for a message. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value === '') return 'an empty string';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length > 0 ? 'a list' : 'an empty list';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return typeof (value as { then?: unknown }).then === 'function' ? 'a promise' : 'an object';
}

/**
 * @param path of the endpoint whose options they are; absent: it has the default path, or none
 * @throws Error that has all faults in one message; not if there are none
 */
export function throwIfAny(faults: Iterable<string>, path?: unknown, of = 'options'): void {
  const all = [...faults];
  if (all.length === 0) return;
  const which = typeof path === 'string' ? ` for the path '${path}'` : '';
  throw new Error(`IntrospectionModule ${of}${which}: ${all.join('; ')}.`);
}
