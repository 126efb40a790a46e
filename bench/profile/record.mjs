import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { tidily } from '../machine/cleanup.mjs';
import { progress } from '../machine/progress.mjs';
import { opaqueLane } from '../modes/opaque-lane.mjs';
import { Problem } from '../problem.mjs';
import { warmUp } from '../rounds.mjs';
import { here } from '../setup.mjs';

/** How long a recording may take to be written, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Records a server while it answers: it is started with a module that is loaded before it, warmed
 * up, and told by signals when the load begins and ends.
 * @param {{ name: string, start: (options: object) => Promise<import('../targets/start.mjs').Server> }} subject
 * @param {string} preload a module of targets/preload
 * @param {string} file where the recording stays
 * @returns what was recorded, and the requests that were answered meanwhile
 */
export function record(bench, { name, start }, preload, file) {
  const { tokens, seconds } = bench.options;
  return tidily(async () => {
    await mkdir(dirname(file), { recursive: true });
    await rm(file, { force: true });
    const server = await start({
      nodeArguments: ['--import', join(here, 'targets', 'preload', preload)],
      env: { RECORDING_FILE: file },
    });
    const lane = await opaqueLane(bench, server, tokens);
    await warmUp('Profile', lane);
    progress(`Profile: recording ${name} with ${preload} …`);
    process.kill(server.pid, 'SIGUSR2');
    const { requests } = await lane.run(seconds);
    process.kill(server.pid, 'SIGUSR2');
    return { requests, recording: await readWhenThere(file) };
  });
}

async function readWhenThere(file) {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await setTimeout(50)) {
    if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8'));
  }
  throw new Problem(`${file} was not written.`);
}
