/** What is to be undone at the end, the last thing first. @type {(() => Promise<unknown>)[]} */
const chores = [];
let cleaning;

export function atTheEnd(chore) {
  chores.push(chore);
}

export function cleanUp() {
  return (cleaning ??= (async () => {
    while (chores.length > 0)
      await chores
        .pop()()
        .catch((error) => console.error(error));
  })());
}

/** Ctrl-C, a polite kill and a fault of ours stop everything before they stop us. */
export function cleanUpWhateverHappens() {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.on(signal, () => {
      // Ctrl-C under npm comes twice: from the terminal and from npm.
      if (cleaning) return;
      process.stderr.write('\nStopping …\n');
      void cleanUp().then(() => process.exit(code));
    });
  }
  process.on('uncaughtException', (error) => {
    console.error(error);
    void cleanUp().then(() => process.exit(1));
  });
}
