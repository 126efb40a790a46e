import { optionFaults } from './option-rules.js';
import { isObject, kindOf, throwIfAny } from './rule.js';
import { SHAPE_NAMES, asyncFaults, shapeFaults } from './shape-rules.js';

/**
 * Checks what `forRoot` is called with, as far as no module can be made without it.
 * @throws Error that names every option that is wrong
 */
export function checkOptions(options: unknown): void {
  const given = requireObject(options, 'forRoot needs the options themselves');
  const faults = [...shapeFaults(given)];
  if (faults.length === 0) return;
  const others = Object.entries(given).filter(([name]) => !SHAPE_NAMES.includes(name));
  throwIfAny([...optionFaults(Object.fromEntries(others)), ...faults], pathIn(given));
}

/** The same for `forRootAsync`, whose factory has not been called yet. */
export function checkAsyncOptions(options: unknown): void {
  const given = requireObject(options, 'forRootAsync needs an object with a factory');
  throwIfAny(asyncFaults(given), pathIn(given));
}

function requireObject(options: unknown, needed: string): object {
  const kind = kindOf(options);
  if (isObject(options) && kind !== 'a promise') return options;
  throw new Error(
    `IntrospectionModule.${needed}, and has got ${kind}. Where they are known only later: ` +
      'forRootAsync({ useFactory }).',
  );
}

function pathIn(options: object): unknown {
  return (options as { readonly path?: unknown }).path;
}
