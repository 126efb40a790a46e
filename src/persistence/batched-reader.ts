import type { DataSource } from 'typeorm';
import { Batch } from './batch.js';
import type { Answer, Lookup, Statement } from './batch.js';
import { statementsOn } from './statements.js';

/** How many keys are worth another query while one runs; fewer wait for it, and gather. */
const WORTH_ANOTHER = 16;

/** Most queries at a time. */
const MOST_IN_FLIGHT = 2;

const readers = new WeakMap<DataSource, BatchedReader>();

/** The one reader of a data source, which all its repositories share. */
export function batchedReaderOf(dataSource: DataSource): BatchedReader {
  let reader = readers.get(dataSource);
  if (!reader) {
    reader = new BatchedReader(statementsOn(dataSource));
    readers.set(dataSource, reader);
  }
  return reader;
}

/**
 * Reads rows by key, gathering the keys asked for in one turn of the event loop, or while earlier
 * queries run, into one query, whatever tables they are of.
 *
 * Freshness: a read joins a batch only until the batch is closed, which is before its SQL is sent,
 * so every row comes from a snapshot younger than the request for it. Nothing is remembered between
 * batches. A batch that fails fails its own reads alone.
 */
export class BatchedReader {
  #gathering = new Batch();
  /** Batches that took all they could, and wait to be sent. */
  readonly #full: Batch[] = [];
  #scheduled = false;
  #inFlight = 0;

  constructor(private readonly run: (statement: Statement) => Promise<Answer>) {}

  /** @returns `undefined` when no row has the key. @throws when the query failed. */
  read<Key, Found>(lookup: Lookup<Key, Found>, key: Key): Promise<Found | undefined> {
    const found = this.#gathering.add(lookup, key);
    if (this.#gathering.isFull) this.#full.push(this.close());
    this.sendOrWait();
    return found;
  }

  /** Full batches go at once; one that gathers goes at the end of the turn, if it is worth it. */
  private sendOrWait(): void {
    while (this.#full.length > 0 && this.#inFlight < MOST_IN_FLIGHT) {
      void this.send(this.#full.shift()!);
    }
    if (this.#scheduled || this.#inFlight >= MOST_IN_FLIGHT) return;
    if (this.#gathering.size === 0 || (this.#inFlight > 0 && this.#gathering.size < WORTH_ANOTHER))
      return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#gathering.size > 0) void this.send(this.close());
    });
  }

  /** From here on nobody can join the batch; only then is its SQL sent. */
  private close(): Batch {
    const batch = this.#gathering;
    this.#gathering = new Batch();
    return batch;
  }

  private async send(batch: Batch): Promise<void> {
    this.#inFlight++;
    try {
      batch.settle(await this.run(batch.statement()));
    } catch (error) {
      batch.fail(error);
    } finally {
      this.#inFlight--;
      this.sendOrWait();
    }
  }
}
