/** How rows of one kind are read by key. */
export interface Lookup<Key, Found> {
  /** Names the statements that it is part of. */
  readonly name: string;
  /** Selects the rows whose keys are in the array `$keys`; the column `key` names each row's key. */
  readonly select: string;
  /** A key as text, as the column `key` has it: the same for equal keys. */
  readonly nameOf: (key: Key) => string;
  /** What a row says; asked once for each row, however many wait for it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the row is what `select` made it
  readonly found: (row: any) => Found;
}

/** SQL with its parameters, named by what it selects. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/** The one row of an answer: by kind, its rows as JSON; null for none. */
export type Answer = Readonly<Record<string, string | null>>;

/** Most keys in one query. */
const LARGEST = 256;

interface Waiting {
  readonly key: unknown;
  readonly found: Promise<unknown>;
  resolve(found: unknown): void;
  reject(error: unknown): void;
}

type Waitings = Map<string, Waiting>;

/** Keys of any kinds that one query reads, and who waits for their rows. */
export class Batch {
  readonly #kinds = new Map<Lookup<unknown, unknown>, Waitings>();
  /** When the first key was asked for, by the clock of `performance.now()`. */
  #since = 0;
  #size = 0;
  #reads = 0;

  get since(): number {
    return this.#since;
  }

  /** How many reads wait for its keys. */
  get reads(): number {
    return this.#reads;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= LARGEST;
  }

  add<Key, Found>(lookup: Lookup<Key, Found>, key: Key): Promise<Found | undefined> {
    if (this.#reads++ === 0) this.#since = performance.now();
    const kind = lookup as Lookup<unknown, unknown>;
    let waitings = this.#kinds.get(kind);
    if (!waitings) this.#kinds.set(kind, (waitings = new Map()));
    const name = lookup.nameOf(key);
    let waiting = waitings.get(name);
    if (!waiting) {
      waitings.set(name, (waiting = waitingFor(key)));
      this.#size++;
    }
    return waiting.found as Promise<Found | undefined>;
  }

  /** One statement for all kinds: a column for each, with its rows as a JSON array. */
  statement(): Statement {
    const kinds = [...this.#kinds.keys()];
    return {
      name: kinds.map(({ name }) => name).join('+'),
      text: `SELECT ${kinds.map(column).join(', ')}`,
      values: Array.from(this.#kinds.values(), (waitings) =>
        Array.from(waitings.values(), ({ key }) => key),
      ),
    };
  }

  settle(answer: Answer): void {
    for (const [{ name, found }, waitings] of this.#kinds) {
      const rows = JSON.parse(answer[name] ?? '[]') as { key: string }[];
      for (const row of rows) {
        const waiting = waitings.get(row.key);
        waitings.delete(row.key);
        waiting?.resolve(found(row));
      }
      for (const waiting of waitings.values()) waiting.resolve(undefined);
      waitings.clear();
    }
  }

  fail(error: unknown): void {
    for (const waitings of this.#kinds.values()) {
      for (const waiting of waitings.values()) waiting.reject(error);
    }
  }
}

function column({ name, select }: Lookup<unknown, unknown>, at: number): string {
  return `(SELECT json_agg(r) FROM (${select.replace('$keys', `$${at + 1}`)}) r)::text AS ${name}`;
}

function waitingFor(key: unknown): Waiting {
  let resolve!: Waiting['resolve'];
  let reject!: Waiting['reject'];
  const found = new Promise<unknown>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { key, found, resolve, reject };
}
