import { setTimeout } from 'node:timers/promises';

/** Who asks for the same at once. */
const READERS = 6;
/** Most calls of a reader in one race. */
const MOST_CALLS = 50;
/** How many races are run at once. */
const LANES = 2;
/** How long the network is stalled for those who ask anew, in milliseconds, unless they are done. */
const LONGEST_STALL = 40;

interface Race {
  /** Asks as this reader; half of them ask at each server. Its turns are counted from 0. */
  readonly ask: (reader: number, turn: number) => Promise<void>;
  /** Resolves when it is acknowledged. */
  readonly write: () => Promise<unknown>;
  /** Keeps back what the servers are reading, until this is settled. */
  readonly stall: (until: Promise<unknown>) => void;
}

/**
 * Readers ask without a break. A write begins while they are at it, and what the servers are reading
 * is kept back. Once it is acknowledged, as many ask anew at once: who joins an older read now, is
 * given what was before the write. At least one call has ended before the write begins, and one is
 * under way.
 */
export async function race({ ask, write, stall }: Race): Promise<void> {
  const readers = Array.from({ length: READERS }, (_, reader) => reader);
  const state = { acknowledged: false };
  let written: Promise<unknown> | undefined;
  const writeAndAsk = async () => {
    let asked: Promise<unknown> | undefined;
    const acknowledged = write().then(() => {
      state.acknowledged = true;
      asked = Promise.all(readers.map((reader) => ask(reader, 0)));
    });
    const answered = acknowledged.then(() => Promise.race([asked, setTimeout(LONGEST_STALL)]));
    stall(answered.catch(() => {}));
    await acknowledged;
    await asked;
  };
  await Promise.all(
    readers.map(async (reader) => {
      for (let turn = 0; turn < MOST_CALLS && !state.acknowledged; turn++) {
        const asked = ask(reader, turn);
        if (reader === 0 && turn === 1) written = writeAndAsk();
        await asked;
      }
    }),
  );
  await written;
}

/** Runs all of them, a few at once. */
export async function inLanes(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = jobs.values();
  const lane = async () => {
    for (const job of waiting) await job();
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
