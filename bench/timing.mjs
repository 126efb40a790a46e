// npm run bench:timing [-- --rounds N]: can answers that are alike be told apart by their time?
import { parseArgs } from 'node:util';
import { Problem } from './problem.mjs';
import { setUp } from './setup.mjs';

/** Of each case; a comparison of slow hashes, some 50 ms each, has a fiftieth of them. */
const ROUNDS = '10000';

try {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: ROUNDS } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 500) throw new Problem('--rounds takes 500 or more.');
  await setUp();
  const { compareTimes } = await import('./timing/compare.mjs');
  await compareTimes(rounds);
} catch (error) {
  process.stderr.write(`\n${error instanceof Problem ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
