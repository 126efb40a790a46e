import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Problem } from './problem.mjs';

export const MODES = [
  'opaque',
  'jwt-repeated',
  'jwt-fresh',
  'inactive',
  'hosts',
  'sizes',
  'connections',
  'purge',
  'workers',
  'memory',
  'profile',
  'strangers',
  'besieged',
];

const HELP = `npm run bench -- [options]
  --quick            the main comparisons alone, on 100,000 tokens: under three minutes
  --mode A,B         some of these (default: all): ${MODES.slice(0, 5).join(', ')},
                     ${MODES.slice(5, 11).join(', ')},
                     ${MODES.slice(11).join(', ')}
  --rounds N         rounds (default: 7; quick: 5)
  --seconds N        how long each target is measured in a round (default: 3; quick: 2)
  --tokens N         opaque tokens in the table (default: 1000000; quick: 100000)
  --connections N    connections of the load generator (default: 64)
  --sizes N,N,N      table sizes that are compared (default: 10000,1000000,10000000)
  --requests N       requests after which memory is looked at (default: 1000000)
  --wave N           requests that besiege the server at once (default: 1000)
  --kind TEXT        only strangers whose kind has this text in its name (default: all)
  --against DIR      another checkout of this project, built: measured too, in the same rounds
  --node PATH        the Node that runs what is measured (default: the one that runs this); keep
                     the results of each apart with --out
  --out DIR          where results.json and results.svg go (default: bench; quick: bench/.data)
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
 * @property {number[]} sizes
 * @property {number} requests
 * @property {number} wave
 * @property {string} kind
 * @property {string} [against] the folder of another checkout
 * @property {string} node the Node that runs what is measured
 * @property {string} nodeVersion
 * @property {string} out
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
        sizes: text,
        requests: text,
        wave: text,
        kind: text,
        against: text,
        node: text,
        out: text,
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
    return positive(value, name);
  };
  return {
    quick,
    modes: modesOf(values.mode, quick),
    rounds: number('rounds', quick ? 5 : 7),
    seconds: number('seconds', quick ? 2 : 3),
    tokens: number('tokens', quick ? 100_000 : 1_000_000),
    connections: number('connections', 64),
    sizes: (values.sizes ?? '10000,1000000,10000000')
      .split(',')
      .map((size) => positive(Number(size), 'sizes')),
    requests: number('requests', 1_000_000),
    wave: number('wave', 1000),
    kind: values.kind ?? '',
    against: checkoutAt(values.against),
    ...nodeAt(values.node ?? process.execPath),
    out: resolve(values.out ?? join(import.meta.dirname, quick ? '.data' : '')),
  };
}

function positive(value, name) {
  if (Number.isInteger(value) && value > 0) return value;
  throw new Problem(`--${name} takes whole numbers above 0.\n${HELP}`);
}

function modesOf(list, quick) {
  if (list === undefined) return quick ? ['opaque'] : MODES;
  const modes = list.split(',');
  const unknown = modes.filter((mode) => !MODES.includes(mode));
  if (unknown.length > 0) throw new Problem(`There is no mode ${unknown.join(', ')}.\n${HELP}`);
  return modes;
}

function checkoutAt(path) {
  if (path === undefined) return undefined;
  const checkout = resolve(path);
  if (existsSync(join(checkout, 'dist', 'src', 'index.js'))) return checkout;
  throw new Problem(`--against takes the folder of a checkout that is built, and ${path} is none.`);
}

function nodeAt(path) {
  const node = path.includes('/') ? resolve(path) : path;
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  const nodeVersion = stdout?.trim();
  if (/^v\d+\./.test(nodeVersion)) return { node, nodeVersion };
  throw new Problem(`--node takes the path of a Node binary, and ${path} is none.`);
}
