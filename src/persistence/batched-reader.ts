import DataLoader from 'dataloader';

/** Most keys that one query reads; more become a second batch. */
const LARGEST_BATCH = 256;

/**
 * Reads rows by key, gathering the keys asked for in one turn of the event loop into one query.
 *
 * Freshness: a read joins a batch only until the batch closes, which is before its SQL is sent, so
 * every row comes from a snapshot younger than the request for it. Nothing is remembered between
 * batches. A batch that fails fails its own reads alone.
 */
export class BatchedReader<Key, Row> {
  readonly #loader: DataLoader<Key, Row | undefined, string>;

  /**
   * @param nameOf a key as text, the same for equal keys
   * @param query reads the rows of these keys, in any order; a key without a row is left out
   * @param keyOf the key of a row
   */
  constructor(
    nameOf: (key: Key) => string,
    query: (keys: readonly Key[]) => Promise<readonly Row[]>,
    keyOf: (row: Row) => Key,
  ) {
    this.#loader = new DataLoader<Key, Row | undefined, string>(
      async (keys) => {
        const rows = new Map<string, Row>();
        for (const row of await query(keys)) rows.set(nameOf(keyOf(row)), row);
        return keys.map((key) => rows.get(nameOf(key)));
      },
      { cache: false, maxBatchSize: LARGEST_BATCH, batchScheduleFn: (send) => setImmediate(send) },
    );
  }

  read(key: Key): Promise<Row | undefined> {
    return this.#loader.load(key);
  }
}

/** A digest as a key's text. */
export const digestName = (digest: Buffer): string => digest.toString('latin1');
