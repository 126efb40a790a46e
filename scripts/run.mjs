// node scripts/run.mjs server|cli [arguments]: sets the clone up, then runs the program in this process.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

const [program, ...args] = process.argv.slice(2);
if (program !== 'server' && program !== 'cli') {
  process.stderr.write('Usage: node scripts/run.mjs server|cli [arguments]\n');
  process.exit(1);
}
const main = join(root, 'dist', 'app', program, 'main.js');
process.argv = [process.argv[0], main, ...args];
await import(pathToFileURL(main).href);
