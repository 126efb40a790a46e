import type { Lookup } from './lookup.js';

/** Rows as they came: by the lookup's name, a JSON array of them; null for none. */
export type AnswerRow = Readonly<Record<string, string | null>>;

/** The row of one key that cannot be understood. It fails the questions about that key alone. */
class Incomprehensible {
  constructor(readonly failure: unknown) {}
}

/** The keys that were asked for, by lookup. */
export type Keys = ReadonlyMap<Lookup<unknown>, ReadonlySet<string>>;

/** What the rows that a batch has read mean, by lookup and key. */
export class Rows {
  readonly #byLookup = new Map<Lookup<unknown>, ReadonlyMap<string, unknown>>();

  constructor(
    private readonly keys: Keys,
    answer: AnswerRow,
  ) {
    for (const lookup of keys.keys()) {
      this.#byLookup.set(lookup, meanings(lookup, answer[lookup.name]));
    }
  }

  /**
   * @returns `undefined` when there is no such row
   * @throws what kept its row from being understood; Error when it was not asked for, which says
   *   nothing about whether it is there
   */
  get<Found>(lookup: Lookup<Found>, key: string): Found | undefined {
    if (!this.keys.get(lookup)?.has(key)) throw new Error(`A row of ${lookup.name} was not read.`);
    const found = this.#byLookup.get(lookup)!.get(key);
    if (found instanceof Incomprehensible) throw found.failure;
    return found as Found | undefined;
  }
}

/** For those who asked for no rows. */
export const NO_ROWS = new Rows(new Map(), {});

function meanings({ found }: Lookup<unknown>, json: string | null | undefined) {
  const meaning = new Map<string, unknown>();
  if (!json) return meaning;
  for (const row of JSON.parse(json) as { key: string }[]) {
    try {
      meaning.set(row.key, found(row));
    } catch (failure) {
      meaning.set(row.key, new Incomprehensible(failure));
    }
  }
  return meaning;
}
