// npm run bench:timing [-- --rounds N --others N]: can answers that are alike be told apart by their time?
import { parseArgs } from 'node:util';
import { Problem } from './problem.mjs';
import { setUp } from './setup.mjs';

/** Of each case; a comparison of slow hashes, some 50 ms each, has a fiftieth of them. */
const ROUNDS = '10000';

try {
  const text = { type: /** @type {const} */ ('string') };
  const { values } = parseArgs({
    options: { rounds: { ...text, default: ROUNDS }, others: { ...text, default: '0' } },
  });
  const [rounds, others] = [Number(values.rounds), Number(values.others)];
  if (!Number.isInteger(rounds) || rounds < 500) throw new Problem('--rounds takes 500 or more.');
  if (!(others >= 0 && others <= 1000)) throw new Problem('--others takes 0 to 1000 a second.');
  await setUp();
  const { compareTimes } = await import('./timing/compare.mjs');
  await compareTimes(rounds, others);
} catch (error) {
  process.stderr.write(`\n${error instanceof Problem ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
