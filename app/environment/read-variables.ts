import { dirname } from 'node:path';
import { nearName } from '../../src/config/did-you-mean.js';
import { readConfigFile } from './config-file.js';
import { Wrong } from './kinds.js';
import type { Kind } from './kinds.js';
import type { ValuesOf, Variable } from './variable.js';
import { STACK_VARIABLES, VARIABLES } from './variables.js';

/** What all variables say. */
export interface Reading {
  /** With the defaults filled in. They are complete only if there are no faults. */
  readonly values: ValuesOf<typeof VARIABLES>;
  /** Where a variable is set; `undefined` where it is not. */
  readonly isSet: (name: keyof typeof VARIABLES) => boolean;
  /** What is wrong, for the operator; never with a value, which may be a secret. */
  readonly faults: string[];
  /** The environment's variables that are not ours, and probably should be. */
  readonly warnings: readonly string[];
}

const NAMES = Object.keys(VARIABLES);

/** Names that are no misspelt ones of ours; SSL_CERT_FILE is OpenSSL's. */
const KNOWN_NAMES = new Set([...NAMES, ...Object.keys(STACK_VARIABLES), 'SSL_CERT_FILE']);

/** Reads each variable from the environment, or else from the file that CONFIG_FILE names. */
export function readVariables(environment: NodeJS.ProcessEnv): Reading {
  const faults: string[] = [];
  // A Compose file passes a variable that the operator has not set as an empty text.
  const textOf = (name: string) => environment[name]?.trim() || undefined;
  const check = <T>(name: string, kind: Kind<T>, value: unknown, file?: string): T | undefined => {
    const checked = kind.check(value, file === undefined ? '' : dirname(file));
    if (checked !== undefined && !(checked instanceof Wrong)) return checked;
    faults.push(faultOf(name, kind, value, checked, file));
    return undefined;
  };

  const fileName = textOf('CONFIG_FILE');
  const file =
    fileName === undefined ? undefined : check('CONFIG_FILE', VARIABLES.CONFIG_FILE.kind, fileName);
  const content = file === undefined ? undefined : readConfigFile(file);
  if (typeof content === 'string') faults.push(content);
  const settings = typeof content === 'object' ? content.settings : {};

  const entries = Object.entries<Variable>(VARIABLES).map(
    ([name, { kind, default: byDefault }]) => {
      if (name === 'CONFIG_FILE') return [name, file];
      const text = textOf(name);
      if (text !== undefined) return [name, check(name, kind, kind.fromText(text)) ?? byDefault];
      if (!Object.hasOwn(settings, name)) return [name, byDefault];
      return [name, check(name, kind, settings[name], file) ?? byDefault];
    },
  );
  for (const name of Object.keys(settings)) {
    if (name === 'CONFIG_FILE' || !NAMES.includes(name)) faults.push(unknownIn(file!, name));
  }
  return {
    values: Object.fromEntries(entries) as Reading['values'],
    isSet: (name) => textOf(name) !== undefined || Object.hasOwn(settings, name),
    faults,
    warnings: Object.keys(environment).flatMap(misspelt),
  };
}

function faultOf(
  name: string,
  kind: Kind<unknown>,
  value: unknown,
  checked: unknown,
  file: string | undefined,
): string {
  const { mustBe, isList } = kind;
  const detail = checked instanceof Wrong ? ` (${checked.detail})` : '';
  if (file === undefined) {
    return `${name} must be ${mustBe}${isList ? ', with commas between them' : ''}${detail}`;
  }
  const isQuoted = typeof value === 'string' && kind.check(kind.fromText(value), '') !== undefined;
  const form = isList ? ', in a JSON array' : isQuoted ? ', without quotes' : '';
  return `${name} in ${file} must be ${mustBe}${form}${detail}`;
}

function unknownIn(file: string, name: string): string {
  if (name === 'CONFIG_FILE') return `CONFIG_FILE in ${file} names another file: one is enough`;
  const meant = nearName(name, NAMES);
  const advice = meant ? `: did you mean ${meant}?` : '';
  return `${JSON.stringify(name.slice(0, 40))} in ${file} is not a variable of the server${advice}`;
}

/** Only a warning, because the environment is not ours alone. */
function misspelt(name: string): string[] {
  if (KNOWN_NAMES.has(name) || !/^\w+$/.test(name)) return [];
  const meant = nearName(name, NAMES);
  return meant ? [`${name} is not a variable of the server: did you mean ${meant}?`] : [];
}
