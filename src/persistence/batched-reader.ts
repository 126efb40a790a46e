import type { DataSource } from 'typeorm';
import { Batch } from './batch.js';
import type { Lookup } from './batch.js';
import { statementsOn } from './statements.js';
import type { RunStatement } from './statements.js';

/** How many keys are worth another query while one runs; fewer wait for it, and gather. */
const WORTH_ANOTHER = 16;

/** Most queries at a time. */
const MOST_IN_FLIGHT = 2;

/** How long fewer keys wait for a query that runs, in milliseconds: it may be one that hangs. */
const PATIENCE = 100;

/** Most reads that wait for an answer. */
const MOST_READS = 10_000;

/** How long a read may take, in milliseconds, unless the options say otherwise. */
export const READ_TIMEOUT = 2000;

/** More is asked than the database answers: this read was not even tried. */
export class OverloadError extends Error {
  constructor() {
    super(`${MOST_READS} reads wait for the database already.`);
    this.name = new.target.name;
  }
}

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
 *
 * Time: a batch is answered or fails within the timeout of the read that it began with. Batches are
 * sent in the order in which they began, so none waits for one that has more time.
 */
export class BatchedReader {
  #gathering = new Batch();
  /** Batches that took all they could, and wait to be sent. */
  readonly #full: Batch[] = [];
  #scheduled = false;
  #hurry: NodeJS.Timeout | undefined;
  #inFlight = 0;
  #reads = 0;
  /** Is told how many keys each query reads. */
  onQuery: ((keys: number) => void) | undefined;

  constructor(
    private readonly run: RunStatement,
    /** How long a read may take, in milliseconds; waiting counts. */
    public timeout = READ_TIMEOUT,
  ) {}

  /** @returns `undefined` when no row has the key. @throws when the query failed or is overdue. */
  read<Key, Found>(lookup: Lookup<Key, Found>, key: Key): Promise<Found | undefined> {
    if (this.#reads >= MOST_READS) return Promise.reject(new OverloadError());
    const found = this.#gathering.add(lookup, key);
    this.#reads++;
    if (this.#gathering.isFull) this.#full.push(this.close());
    this.sendOrWait();
    return found;
  }

  /** Keys that wait for their query to be sent. */
  get waiting(): number {
    return this.#full.reduce((keys, { size }) => keys + size, this.#gathering.size);
  }

  /** Queries that were sent and are not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Full batches go at once; one that gathers goes at the end of the turn, if it is worth it. */
  private sendOrWait(): void {
    while (this.#full.length > 0 && this.#inFlight < MOST_IN_FLIGHT) {
      void this.send(this.#full.shift()!);
    }
    if (this.#scheduled || this.#inFlight >= MOST_IN_FLIGHT) return;
    if (this.#gathering.size === 0) return;
    if (this.#inFlight > 0 && this.#gathering.size < WORTH_ANOTHER) {
      this.#hurry ??= setTimeout(() => {
        this.#hurry = undefined;
        this.sendGathered();
      }, PATIENCE);
      return;
    }
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.sendGathered();
    });
  }

  private sendGathered(): void {
    if (this.#gathering.size > 0 && this.#inFlight < MOST_IN_FLIGHT) void this.send(this.close());
  }

  /** From here on nobody can join the batch; only then is its SQL sent. */
  private close(): Batch {
    const batch = this.#gathering;
    this.#gathering = new Batch();
    clearTimeout(this.#hurry);
    this.#hurry = undefined;
    return batch;
  }

  private async send(batch: Batch): Promise<void> {
    this.#inFlight++;
    this.onQuery?.(batch.size);
    try {
      batch.settle(await this.run(batch.statement(), batch.since + this.timeout));
    } catch (error) {
      batch.fail(error);
    } finally {
      this.#inFlight--;
      this.#reads -= batch.reads;
      this.sendOrWait();
    }
  }
}
