import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { DataSource } from 'typeorm';
import type {
  AbuseEvent,
  DecisionEvent,
  DecisionObserver,
  RefusalEvent,
} from '../../src/model/decision-observer.js';
import type { KeySource } from '../../src/model/key-source.js';
import type { BatchedReader } from '../../src/persistence/batched-reader.js';
import { poolOf } from '../../src/persistence/connections.js';
import { OTHER_LABEL, REASON_LABELS, ERROR_ANSWERS, outcomeOf } from './measured-values.js';

/** What the gauges are read from at each scrape. */
export interface Watched {
  readonly dataSource: DataSource;
  readonly reader: BatchedReader;
  readonly keys: KeySource;
  readonly issuer: string;
}

/** Upper bounds of a request's duration, in seconds. */
const DURATION_BUCKETS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
/** Upper bounds of the keys in one query. */
const QUERY_KEYS_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/**
 * The metrics of one process, for Prometheus. The values of each label are a closed set, and every
 * series exists from the start: no request can add one.
 */
export class Measures implements DecisionObserver {
  readonly registry = new Registry();
  readonly #requests = this.counter('requests_total', 'Answers of the endpoint.', [
    'outcome',
    'status',
  ]);
  readonly #inactive = this.counter('inactive_total', 'Inactive answers by private reason.', [
    'reason',
  ]);
  readonly #abuse = this.counter(
    'abuse_total',
    'Addresses that guessed secrets and callers that scanned for tokens, once for each window.',
    ['kind'],
  );
  readonly #duration = new Histogram({
    name: 'introspection_duration_seconds',
    help: 'From the arrival of a request to its answer.',
    labelNames: ['outcome'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [this.registry],
  });
  readonly #batch = new Histogram({
    name: 'introspection_query_keys',
    help: 'Keys read by one query.',
    buckets: QUERY_KEYS_BUCKETS,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const [outcome, status] of ERROR_ANSWERS) this.#requests.inc({ outcome, status }, 0);
    for (const outcome of ['active', 'inactive']) this.#requests.inc({ outcome, status: 200 }, 0);
    for (const reason of REASON_LABELS) this.#inactive.inc({ reason }, 0);
    for (const kind of ['guessing', 'scanning']) this.#abuse.inc({ kind }, 0);
    for (const outcome of ['active', 'inactive', 'error']) this.#duration.zero({ outcome });
  }

  decided({ active, reason, durationMs }: DecisionEvent): void {
    const outcome = active ? 'active' : 'inactive';
    this.#requests.inc({ outcome, status: 200 });
    if (!active) this.#inactive.inc({ reason: REASON_LABELS.has(reason!) ? reason! : OTHER_LABEL });
    this.#duration.observe({ outcome }, durationMs / 1000);
  }

  refused({ error, durationMs }: RefusalEvent): void {
    this.#requests.inc(outcomeOf(error));
    this.#duration.observe({ outcome: 'error' }, durationMs / 1000);
  }

  abused({ kind }: AbuseEvent): void {
    this.#abuse.inc({ kind });
  }

  /** Adds what each scrape reads: the queries, the connection pool and the age of this issuer's keys. */
  watch({ dataSource, reader, keys, issuer }: Watched): void {
    reader.onQuery = (size) => this.#batch.observe(size);
    this.gauge('reads_waiting', 'Keys that wait for a query.', () => reader.waiting);
    this.gauge('queries_in_flight', 'Queries that are not answered.', () => reader.inFlight);

    const pool = poolOf(dataSource)!;
    this.gauge('pool_connections', 'Connections to Postgres.', () => pool.totalCount);
    this.gauge('pool_idle', 'Connections that are not in use.', () => pool.idleCount);
    this.gauge('pool_waiting', 'Queries that wait for a connection.', () => pool.waitingCount);

    const ageSeconds = async () => {
      const readAt = (await keys.keySet(issuer))?.readAt;
      return readAt === undefined ? undefined : (Date.now() - readAt) / 1000;
    };
    this.gauge('key_set_age_seconds', 'Since the signing keys were read last.', ageSeconds, 'max');
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[]) {
    const full = `introspection_${name}`;
    return new Counter({ name: full, help, labelNames, registers: [this.registry] });
  }

  private gauge(
    name: string,
    help: string,
    read: () => number | Promise<number | undefined>,
    aggregator: 'sum' | 'max' = 'sum',
  ): void {
    const gauge = new Gauge({
      name: `introspection_${name}`,
      help,
      aggregator,
      registers: [this.registry],
      collect: async () => {
        const value = await read();
        if (value === undefined) gauge.remove();
        else gauge.set(value);
      },
    });
  }
}
