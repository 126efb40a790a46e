import { readFileSync } from 'node:fs';
import { detailOf } from '../failure.js';
import { jsonFault } from './json-fault.js';

/** The variables in the file, as JSON has them; or what is wrong with the file. */
export type ConfigFile = { readonly settings: Readonly<Record<string, unknown>> } | string;

/** Reads the file that CONFIG_FILE names: one JSON object whose members are named as the variables. */
export function readConfigFile(file: string): ConfigFile {
  let content: string;
  try {
    // Some editors begin a file with a byte order mark.
    content = readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    return `CONFIG_FILE: the file ${file} cannot be read (${detailOf(error)})`;
  }
  const fault = jsonFault(content);
  if (fault) return `CONFIG_FILE: ${file} is not JSON, line ${fault.line}: ${fault.what}`;
  const settings: unknown = JSON.parse(content);
  return typeof settings === 'object' && settings !== null && !Array.isArray(settings)
    ? { settings: settings as Record<string, unknown> }
    : `CONFIG_FILE: ${file} must be one JSON object with the variables as its members`;
}
