// npm run bench [-- --quick] [-- --mode opaque,jwt-repeated]: measures the endpoint against its neighbours.
import { readOptions } from './options.mjs';
import { Problem } from './problem.mjs';
import { setUp } from './setup.mjs';

try {
  const options = readOptions(process.argv.slice(2));
  await setUp();
  const { bench } = await import('./bench.mjs');
  await bench(options);
} catch (error) {
  process.stderr.write(`\n${error instanceof Problem ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
