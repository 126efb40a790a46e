import type { Lookup } from './lookup.js';

/** Rows as they came: by the lookup's name, a JSON array of them; null for none. */
export type AnswerRow = Readonly<Record<string, string | null>>;

/** The row of one key that cannot be understood. It fails the questions about that key alone. */
class Incomprehensible {
  constructor(readonly failure: unknown) {}
}

/** The keys that were asked for, by lookup; and, once they were read, what their rows mean. */
export class Rows {
  readonly #byLookup = new Map<Lookup<unknown>, Map<string, unknown>>();
  #size = 0;

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  get lookups(): Lookup<unknown>[] {
    return [...this.#byLookup.keys()];
  }

  keysOf(lookup: Lookup<unknown>): Iterable<string> {
    return this.#byLookup.get(lookup)!.keys();
  }

  /** Asks for a row. */
  want(lookup: Lookup<unknown>, key: string): void {
    let meanings = this.#byLookup.get(lookup);
    if (!meanings) this.#byLookup.set(lookup, (meanings = new Map()));
    if (meanings.has(key)) return;
    meanings.set(key, undefined);
    this.#size++;
  }

  /** Takes what Postgres has answered. @throws SyntaxError when it is not JSON */
  read(answer: AnswerRow): void {
    for (const [{ name, found }, meanings] of this.#byLookup) {
      const json = answer[name];
      if (!json) continue;
      for (const row of JSON.parse(json) as { key: string }[]) {
        if (meanings.has(row.key)) meanings.set(row.key, meaningOf(row, found));
      }
    }
  }

  /**
   * @returns `undefined` when there is no such row
   * @throws what kept its row from being understood; Error when it was not asked for, which says
   *   nothing about whether it is there
   */
  get<Found>(lookup: Lookup<Found>, key: string): Found | undefined {
    const meanings = this.#byLookup.get(lookup);
    const found = meanings?.get(key);
    if (found === undefined && !meanings?.has(key)) {
      throw new Error(`A row of ${lookup.name} was not read.`);
    }
    if (found instanceof Incomprehensible) throw found.failure;
    return found as Found | undefined;
  }
}

/** For those who ask for no rows. */
export const NO_ROWS = new Rows();

function meaningOf(row: object, found: Lookup<unknown>['found']): unknown {
  try {
    return found(row);
  } catch (failure) {
    return new Incomprehensible(failure);
  }
}
