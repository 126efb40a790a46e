import type {
  IntrospectionModuleAsyncOptions,
  IntrospectionModuleShape,
} from './introspection.options.js';
import {
  isObject,
  isText,
  kindOf,
  knownMembers,
  listOf,
  memberFaults,
  mustBe,
  oneOf,
} from './rule.js';
import type { Rule } from './rule.js';

const list = (what: string) => listOf(what, () => []);

/** What the options must be that Nest needs before it makes the providers. */
const SHAPE_RULES = {
  path: mustBe("a path, such as 'oauth2/introspect'", isPath),
  decorators: listOf(
    'method decorators',
    mustBe('a method decorator', (value) => typeof value === 'function'),
  ),
  imports: list('modules'),
  providers: listOf('providers', provider),
  dataSource,
  isGlobal: oneOf(true, false),
} satisfies Record<keyof IntrospectionModuleShape, Rule>;

const FACTORY_RULES = {
  inject: list('injection tokens'),
  useFactory: mustBe('a function', (value) => typeof value === 'function'),
  useClass: mustBe('a class', (value) => typeof value === 'function'),
  useExisting: mustBe('an injection token', isToken),
} satisfies Record<
  Exclude<keyof IntrospectionModuleAsyncOptions, keyof IntrospectionModuleShape>,
  Rule
>;

export const SHAPE_NAMES: readonly string[] = Object.keys(SHAPE_RULES);

/** What is wrong with the shape; nothing when all is right. */
export function* shapeFaults(options: object): Generator<string> {
  yield* knownMembers(options, SHAPE_RULES, []);
}

/** What is wrong with what stands beside a factory, and with the factory; not with what it returns. */
export function* asyncFaults(options: object): Generator<string> {
  yield* memberFaults(options, { ...SHAPE_RULES, ...FACTORY_RULES }, []);
  const given = (['useFactory', 'useClass', 'useExisting'] satisfies (keyof typeof FACTORY_RULES)[])
    .map((name) => (options as IntrospectionModuleAsyncOptions)[name])
    .filter((factory) => factory !== undefined);
  if (given.length !== 1) yield 'they must have one of useFactory, useClass and useExisting';
}

function* dataSource(value: unknown, name: string): Generator<string> {
  if (isToken(value)) return;
  const isOne = isObject(value) && 'driver' in value;
  yield `${name} must be an injection token, and is ${isOne ? 'a data source: name the token that Nest provides it under' : kindOf(value)}`;
}

function* provider(value: unknown, name: string): Generator<string> {
  if (typeof value === 'function') return;
  if (!isObject(value)) yield `${name} must be a provider, and is ${kindOf(value)}`;
  else if (!isToken((value as { provide?: unknown }).provide)) {
    yield `${name} must have an injection token under provide`;
  } else if (!('useValue' in value) && !isMade(value as Record<string, unknown>)) {
    yield `${name} must have useClass, useValue, useFactory or useExisting`;
  }
}

/** One that is `undefined` may be a class that is imported in a circle. */
function isMade({ useClass, useFactory, useExisting }: Readonly<Record<string, unknown>>): boolean {
  return [useClass, useFactory, useExisting].some((use) => use !== undefined);
}

function isToken(value: unknown): boolean {
  return isText(value) || typeof value === 'symbol' || typeof value === 'function';
}

/** Not a whole URL, and without a query. It may have parameters, and be empty. */
function isPath(value: unknown): boolean {
  return typeof value === 'string' && !/[\s?#]|^\w+:\/\//.test(value);
}
