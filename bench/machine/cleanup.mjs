/** What is to be undone at the end, the last thing first. @type {(() => Promise<unknown>)[]} */
const chores = [];
let cleaning;

export function atTheEnd(chore) {
  chores.push(chore);
}

/** Does a piece of work, and undoes what it leaves behind. */
export async function tidily(work) {
  const before = chores.length;
  try {
    return await work();
  } finally {
    await undo(before);
  }
}

export function cleanUp() {
  return (cleaning ??= undo(0));
}

/** Whether we were told to stop: what fails from then on fails for that reason. */
export function isStopping() {
  return cleaning !== undefined;
}

async function undo(downTo) {
  while (chores.length > downTo)
    await chores
      .pop()()
      .catch((error) => console.error(error));
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
