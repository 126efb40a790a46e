/** Most keys that one query reads. */
const LARGEST_BATCH = 256;

/** How many keys are worth another query while one runs; fewer wait for it, and gather. */
const WORTH_ANOTHER = 32;

/** Most queries of one reader at a time. */
const MOST_IN_FLIGHT = 4;

/** By the key's name: who waits for its row. */
type Batch<Key, Row> = Map<string, Waiting<Key, Row>>;

interface Waiting<Key, Row> {
  readonly key: Key;
  readonly row: Promise<Row | undefined>;
  resolve(row: Row | undefined): void;
  reject(error: unknown): void;
}

/**
 * Reads rows by key, gathering the keys asked for in one turn of the event loop, or while earlier
 * queries run, into one query.
 *
 * Freshness: a read joins a batch only until the batch closes, which is before its SQL is sent, so
 * every row comes from a snapshot younger than the request for it. Nothing is remembered between
 * batches. A batch that fails fails its own reads alone.
 */
export class BatchedReader<Key, Row> {
  #gathering: Batch<Key, Row> = new Map();
  #scheduled = false;
  #inFlight = 0;

  /**
   * @param nameOf a key as text, the same for equal keys
   * @param query reads the rows of these keys, in any order; a key without a row is left out
   * @param keyOf the key of a row
   */
  constructor(
    private readonly nameOf: (key: Key) => string,
    private readonly query: (keys: readonly Key[]) => Promise<readonly Row[]>,
    private readonly keyOf: (row: Row) => Key,
  ) {}

  read(key: Key): Promise<Row | undefined> {
    const name = this.nameOf(key);
    let waiting = this.#gathering.get(name);
    if (!waiting) {
      waiting = waitingFor(key);
      this.#gathering.set(name, waiting);
      this.schedule();
    }
    return waiting.row;
  }

  private schedule(): void {
    if (this.#scheduled || this.#inFlight >= MOST_IN_FLIGHT) return;
    if (this.#inFlight > 0 && this.#gathering.size < WORTH_ANOTHER) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.send(this.close());
    });
  }

  /** From here on nobody can join the batch; only then is its SQL sent. */
  private close(): Batch<Key, Row> {
    let batch = this.#gathering;
    this.#gathering = new Map();
    if (batch.size > LARGEST_BATCH) {
      const all = [...batch];
      batch = new Map(all.slice(0, LARGEST_BATCH));
      this.#gathering = new Map(all.slice(LARGEST_BATCH));
    }
    return batch;
  }

  private async send(batch: Batch<Key, Row>): Promise<void> {
    this.#inFlight++;
    if (this.#gathering.size > 0) this.schedule();
    try {
      const keys = Array.from(batch.values(), ({ key }) => key);
      for (const row of await this.query(keys)) {
        const name = this.nameOf(this.keyOf(row));
        batch.get(name)?.resolve(row);
        batch.delete(name);
      }
      for (const waiting of batch.values()) waiting.resolve(undefined);
    } catch (error) {
      for (const waiting of batch.values()) waiting.reject(error);
    } finally {
      this.#inFlight--;
      if (this.#gathering.size > 0) this.schedule();
    }
  }
}

function waitingFor<Key, Row>(key: Key): Waiting<Key, Row> {
  let resolve!: Waiting<Key, Row>['resolve'];
  let reject!: Waiting<Key, Row>['reject'];
  const row = new Promise<Row | undefined>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { key, row, resolve, reject };
}

/** A digest as a key's text. */
export const digestName = (digest: Buffer): string => digest.toString('latin1');
