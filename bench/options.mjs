import { parseArgs } from 'node:util';
import { Problem } from './problem.mjs';

export const MODES = [
  'opaque',
  'jwt-repeated',
  'jwt-fresh',
  'inactive',
  'sizes',
  'connections',
  'purge',
  'workers',
  'memory',
];

const HELP = `npm run bench -- [options]
  --quick            the main comparisons alone, on 100,000 tokens: under three minutes
  --mode A,B         some of: ${MODES.join(', ')} (default: all)
  --rounds N         rounds (default: 7; quick: 5)
  --seconds N        how long each target is measured in a round (default: 3; quick: 2)
  --tokens N         opaque tokens in the table (default: 1000000; quick: 100000)
  --connections N    connections of the load generator (default: 64)
  --help
`;

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {string[]} modes
 * @property {number} rounds
 * @property {number} seconds whole seconds: the load generators know no others
 * @property {number} tokens
 * @property {number} connections
 */

/** @param {string[]} args @returns {Options} */
export function readOptions(args) {
  const text = { type: /** @type {const} */ ('string') };
  const flag = { type: /** @type {const} */ ('boolean') };
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        quick: flag,
        help: flag,
        mode: text,
        rounds: text,
        seconds: text,
        tokens: text,
        connections: text,
      },
    }));
  } catch (error) {
    throw new Problem(`${error.message}\n${HELP}`);
  }
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const quick = values.quick ?? false;
  const number = (name, absent) => {
    const value = values[name] === undefined ? absent : Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new Problem(`--${name} must be a whole number above 0.\n${HELP}`);
  };
  return {
    quick,
    modes: modesOf(values.mode, quick),
    rounds: number('rounds', quick ? 5 : 7),
    seconds: number('seconds', quick ? 2 : 3),
    tokens: number('tokens', quick ? 100_000 : 1_000_000),
    connections: number('connections', 64),
  };
}

function modesOf(list, quick) {
  if (list === undefined) return quick ? ['opaque'] : MODES;
  const modes = list.split(',');
  const unknown = modes.filter((mode) => !MODES.includes(mode));
  if (unknown.length > 0) throw new Problem(`There is no mode ${unknown.join(', ')}.\n${HELP}`);
  return modes;
}
