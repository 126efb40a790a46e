// On SIGUSR2: collects garbage, and says on stderr how many bytes are alive. It needs --expose-gc.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('SIGUSR2', () => {
    // What the first one sets free may hold what only the second one finds.
    gc();
    gc();
    const { heapUsed, external } = process.memoryUsage();
    process.stderr.write(`${JSON.stringify({ alive: heapUsed + external })}\n`);
  });
}
