import { hash } from 'node:crypto';
import type { Lookup, TablePath } from './lookup.js';
import { Rows } from './rows.js';
import type { AnswerRow } from './rows.js';

/** A question that rows answer. One of `answered` and `failed` is called, once. */
export interface Question {
  /** Says which rows it needs: called at once, before anything is sent, and again when its batch is halved. */
  want(batch: Batch): void;
  /** What it throws is its own failure, and is given to `failed`. */
  answered(rows: Rows): void;
  failed(failure: unknown): void;
}

/** The SQL for some lookups. */
export interface Sql {
  readonly text: string;
  readonly preparedAs: string;
}

/** SQL with its parameters, named by what it selects. */
export interface Statement extends Sql {
  readonly name: string;
  readonly values: unknown[];
}

/**
 * Runs a statement that selects one row.
 * @param deadline when it must have been answered, by the clock of `performance.now()`
 * @param done called once, in a later turn, with the row or with what failed
 */
export type RunStatement = (
  statement: Statement,
  deadline: number,
  done: (failure: unknown, answer?: AnswerRow) => void,
) => void;

/** Most keys in one query. */
const MOST_KEYS = 256;

/** Keys of any kinds that one query reads, and who asks for their rows. */
export class Batch {
  readonly #rows = new Rows();
  readonly #questions: Question[] = [];
  /** When its first question came, by the clock of `performance.now()`. */
  #since = 0;
  /** How often a key was asked for, the same one again included. */
  #wishes = 0;

  get since(): number {
    return this.#since;
  }

  /** How many questions wait for it. */
  get questions(): number {
    return this.#questions.length;
  }

  /** How many keys it reads. */
  get keys(): number {
    return this.#rows.size;
  }

  get isFull(): boolean {
    return this.#rows.size >= MOST_KEYS;
  }

  /** @returns whether the question needs any rows; if not, it does not wait here */
  add(question: Question): boolean {
    const wishes = this.#wishes;
    question.want(this);
    if (this.#wishes === wishes) return false;
    if (this.#questions.push(question) === 1) this.#since = performance.now();
    return true;
  }

  /** For the question that is being added. */
  want(lookup: Lookup<unknown>, key: string): void {
    this.#wishes++;
    this.#rows.want(lookup, key);
  }

  /**
   * One statement for all kinds: a column for each, with its rows as a JSON array.
   * @param known the SQL of earlier statements, by their names
   */
  statement(known: Map<string, Sql>, path: TablePath): Statement {
    const lookups = this.#rows.lookups.sort(byName);
    const name = lookups.map((lookup) => lookup.name).join('+');
    let sql = known.get(name);
    if (sql === undefined) known.set(name, (sql = sqlFor(lookups, path)));
    const values = lookups.map((lookup) => lookup.parameter(this.#rows.keysOf(lookup)));
    return { name, text: sql.text, preparedAs: sql.preparedAs, values };
  }

  /** Its questions in two batches, each as old as this one. */
  halves(): Batch[] {
    const middle = Math.ceil(this.#questions.length / 2);
    return [this.#questions.slice(0, middle), this.#questions.slice(middle)].map((questions) => {
      const half = new Batch();
      for (const question of questions) half.add(question);
      half.#since = this.#since;
      return half;
    });
  }

  /** Answers every question. One that fails does not keep the others from their answers. */
  settle(answer: AnswerRow): void {
    try {
      this.#rows.read(answer);
    } catch (failure) {
      return this.fail(failure);
    }
    for (const question of this.#questions) give(question, this.#rows);
  }

  fail(failure: unknown): void {
    for (const question of this.#questions) question.failed(failure);
  }
}

/** Gives a question its rows. If it fails on them, that is its own failure, and none of its neighbours'. */
export function give(question: Question, rows: Rows): void {
  try {
    question.answered(rows);
  } catch (failure) {
    question.failed(failure);
  }
}

function byName(a: Lookup<unknown>, b: Lookup<unknown>): number {
  return a.name < b.name ? -1 : 1;
}

function sqlFor(lookups: readonly Lookup<unknown>[], path: TablePath): Sql {
  const columns = lookups.map(({ name, select }, at) => {
    const rows = select(path, `$${at + 1}`);
    return `(SELECT json_agg(r) FROM (${rows}) r)::text AS ${name}`;
  });
  const text = `SELECT ${columns.join(', ')}`;
  return { text, preparedAs: preparedName(text) };
}

/**
 * The name to prepare a statement under, another for each text: behind a pooler, connections of two data
 * sources, or of two releases, may have one session of Postgres in turn.
 */
export function preparedName(text: string): string {
  return `introspection ${hash('sha256', text, 'base64url')}`;
}
