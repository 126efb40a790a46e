// Counts the promises that are made, by the script that makes them, and how often one is awaited.
import { promiseHooks } from 'node:v8';
import { recordOnSignal } from './recorder.mjs';

/** Of so many one is looked at; a prime number, so that every place has its turn. */
const ONE_IN = 101;

const SCRIPT = /((?:node:|file:\/\/|\/)[^\s():]+):\d+:\d+\)?$/;
const HOOKS = /\/targets\/preload\/|^node:internal\/promise_hooks/;

const made = {};
let awaited = 0;
let seen = 0;
let stop;

recordOnSignal({
  begin() {
    stop = promiseHooks.onInit((_promise, parent) => {
      if (++seen % ONE_IN === 0) note(new Error().stack.split('\n').slice(1), parent);
    });
  },
  end() {
    stop();
    return { made, awaited };
  },
});

/** With hooks, V8 makes a promise for each await too: it has a parent, and no function made it. */
function note(frames, parent) {
  const scripts = frames.map((frame) => SCRIPT.exec(frame)?.[1]);
  const at = scripts.findIndex((script) => script !== undefined && !HOOKS.test(script));
  const isMade = parent === undefined || /Promise/.test(frames[at - 1]);
  if (!isMade) awaited += ONE_IN;
  else made[scripts[at]] = (made[scripts[at]] ?? 0) + ONE_IN;
}
