// What the preloaded modules of this folder share: SIGUSR2 begins a recording, a second one ends it.
import { renameSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * The recording goes to RECORDING_FILE, which is there only when it is complete.
 * @param {{ begin: () => void, end: () => unknown }} recorder `end` returns what was recorded
 */
export function recordOnSignal({ begin, end }) {
  if (!isMainThread) return;
  process.once('SIGUSR2', () => {
    begin();
    process.once('SIGUSR2', () => {
      const file = process.env.RECORDING_FILE;
      writeFileSync(`${file}.part`, JSON.stringify(end()));
      renameSync(`${file}.part`, file);
    });
  });
}

/**
 * Asks V8's inspector inside of this process, which answers before `post` returns.
 * @param {import('node:inspector').Session} session
 */
export function ask(session, method, parameters) {
  let answer;
  session.post(method, parameters, (error, result) => {
    if (error) throw error;
    answer = result;
  });
  return answer;
}
