import { Batch, give } from './batch.js';
import type { Question, RunStatement, Sql } from './batch.js';
import type { TablePath } from './lookup.js';
import type { Plan } from './plan.js';
import { NO_ROWS } from './rows.js';
import type { AnswerRow } from './rows.js';

/** How many keys are worth another query while one runs; fewer wait for it, and gather. */
const WORTH_ANOTHER_QUERY = 16;

/** Most queries at a time. */
const MOST_IN_FLIGHT = 2;

/** How long fewer keys wait for a query that runs, in milliseconds: it may be one that hangs. */
const LONGEST_GATHERING_MS = 100;

/** Most questions that wait for an answer. */
const MOST_QUESTIONS = 10_000;

/** More is asked than the database answers: this read was not even tried. */
export class OverloadError extends Error {
  constructor() {
    super(`${MOST_QUESTIONS} reads wait for the database already.`);
    this.name = new.target.name;
  }
}

/**
 * Reads rows by key, gathering what is asked for in one turn of the event loop, or while earlier
 * queries run, into one query over all tables.
 *
 * Freshness: a question joins a batch only until the batch is closed, which is before its SQL is
 * sent, so every row comes from a snapshot younger than the question. Nothing is remembered between
 * batches. A batch that fails fails its own questions alone. One that fails on a value that Postgres
 * cannot take is asked again in halves, so that the value fails its own question alone; nothing joins
 * a half, whose rows are younger still.
 *
 * Time: a batch is answered or fails within the timeout of the question that it began with. Batches
 * are sent in the order in which they began, so none waits for one that has more time.
 */
export class BatchedReader {
  #gathering = new Batch();
  /** Batches that took all they could, and halves of one that failed, which wait to be sent. */
  readonly #full: Batch[] = [];
  /** The SQL of each combination of lookups that there was, by its name. */
  readonly #known = new Map<string, Sql>();
  #isScheduled = false;
  #gatheringTimer: NodeJS.Timeout | undefined;
  #inFlight = 0;
  #questions = 0;
  /** Is told how many keys each query reads. */
  onQuery: ((keys: number) => void) | undefined;

  /**
   * @param timeoutMs how long a read may take, in milliseconds; waiting counts
   * @param path names the tables. Default: by their own names, along the search path.
   */
  constructor(
    private readonly run: RunStatement,
    private readonly timeoutMs: number,
    private readonly path: TablePath = (table) => table,
  ) {}

  /** Answers the question when its rows are there, in a later turn of the event loop. */
  read(question: Question): void {
    if (this.#questions >= MOST_QUESTIONS) return question.failed(new OverloadError());
    // One that needs no rows must not wait for those of others, nor fail with them.
    if (!this.#gathering.add(question)) return void setImmediate(give, question, NO_ROWS);
    this.#questions++;
    if (this.#gathering.isFull) this.#full.push(this.close());
    this.sendOrWait();
  }

  /** What a plan finds out. @throws when the query failed or is overdue. */
  find<Meaning>(plan: Plan<Meaning>): Promise<Meaning> {
    return new Promise((resolve, reject) => {
      this.read({
        want: (batch) => plan.want(batch),
        answered: (rows) => resolve(plan.meaning(rows)),
        failed: reject,
      });
    });
  }

  /** Keys that wait for their query to be sent. */
  get waiting(): number {
    return this.#full.reduce((sum, { keys }) => sum + keys, this.#gathering.keys);
  }

  /** Queries that were sent and are not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Full batches go at once; one that gathers goes at the end of the turn, if it is worth it. */
  private sendOrWait(): void {
    while (this.#full.length > 0 && this.#inFlight < MOST_IN_FLIGHT) this.send(this.#full.shift()!);
    if (this.#isScheduled || this.#inFlight >= MOST_IN_FLIGHT) return;
    if (this.#gathering.questions === 0) return;
    if (this.#inFlight > 0 && this.#gathering.keys < WORTH_ANOTHER_QUERY) {
      this.#gatheringTimer ??= setTimeout(() => {
        this.#gatheringTimer = undefined;
        this.sendGathered();
      }, LONGEST_GATHERING_MS);
      return;
    }
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.sendGathered();
    });
  }

  private sendGathered(): void {
    if (this.#gathering.questions === 0 || this.#inFlight >= MOST_IN_FLIGHT) return;
    this.send(this.close());
  }

  /** From here on no question can join the batch; only then is its SQL sent. */
  private close(): Batch {
    const batch = this.#gathering;
    this.#gathering = new Batch();
    if (this.#gatheringTimer) clearTimeout(this.#gatheringTimer);
    this.#gatheringTimer = undefined;
    return batch;
  }

  private send(batch: Batch): void {
    this.#inFlight++;
    this.onQuery?.(batch.keys);
    const statement = batch.statement(this.#known, this.path);
    this.run(statement, batch.since + this.timeoutMs, (failure, answer) =>
      this.end(batch, failure, answer),
    );
  }

  private end(batch: Batch, failure: unknown, answer: AnswerRow | undefined): void {
    this.#inFlight--;
    if (batch.questions > 1 && isDataException(failure)) {
      // Before all that wait, which began later.
      this.#full.unshift(...batch.halves());
    } else {
      this.#questions -= batch.questions;
      if (answer) batch.settle(answer);
      else batch.fail(failure);
    }
    this.sendOrWait();
  }
}

/** Whether a value is what Postgres could not take (SQLSTATE class 22). */
function isDataException(failure: unknown): boolean {
  const { code } = (failure ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && code.startsWith('22');
}
