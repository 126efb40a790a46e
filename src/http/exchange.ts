import type { IncomingMessage } from 'node:http';
import type { BasicCredentials } from '../clients/basic-credentials.js';
import type { Comparison } from '../clients/client-authenticator.js';
import type { Candidates } from '../clients/candidates-plan.js';
import type { LookUp } from '../decision/look-up.js';
import type { Attempt, Block } from '../limits/attempt.js';
import type { Client } from '../model/client.js';
import type { AuthenticationFault } from '../model/decision-observer.js';
import { OAuthError, UnsupportedMediaTypeError } from '../model/oauth-error.js';
import type { Batch, Question } from '../persistence/batch.js';
import type { Plan } from '../persistence/plan.js';
import { NO_ROWS } from '../persistence/rows.js';
import type { Rows } from '../persistence/rows.js';
import { Departure } from './departure.js';
import { FormParameters } from './form-parameters.js';
import { rawRequest } from './raw-request.js';
import type { HttpRequest } from './raw-request.js';
import { isForm } from './request-body.js';
import type { Body } from './request-body.js';
import { requestIdOf } from './request-id.js';
import type { HttpResponse } from './send.js';

const EMPTY = Buffer.alloc(0);

const EXCHANGE = Symbol('introspection exchange');

/** The exchange of a request; the first call, with either adapter's request, makes it. */
export function exchangeOf(request: HttpRequest): Exchange {
  const raw = rawRequest(request) as IncomingMessage & { [EXCHANGE]?: Exchange };
  return (raw[EXCHANGE] ??= new Exchange(raw, request));
}

/** All that is known of one request to the endpoint. Each step adds what it finds out. */
export class Exchange implements Question {
  /** On the clock of `performance.now()`, in milliseconds. */
  readonly arrival = performance.now();
  /** The earliest time of a refusal, and of an inactive answer. */
  readonly departure = Departure.after(this.arrival);
  /** Absent until it has been read. */
  body: Body | undefined;
  /** Absent where there are none that can be read. */
  credentials: BasicCredentials | undefined;
  /** What the limits count it by, once that is asked. */
  attempt: Attempt | undefined;
  /** What kept the credentials from being looked up as others are, when they came. */
  block: Block | undefined;
  /** What they are compared with in spite of an address that is blocked. */
  comparison: Comparison | undefined;
  /** The clients that the credentials can be of, while they are looked up. */
  candidates: Plan<Candidates> | undefined;
  /** The token that is asked about, while it is looked up. */
  lookUp: LookUp | undefined;
  /** What was read for both. */
  rows: Rows = NO_ROWS;
  /** The client that asks, once it is authenticated. */
  caller: Client | undefined;
  /** Why the caller is not authenticated, once that is known. */
  fault: { readonly fault: AuthenticationFault; readonly clientId?: string } | undefined;
  /** Whether an answer was sent, or an error. */
  isAnswered = false;
  /** Where the answer goes, on the straight way. */
  response: HttpResponse | undefined;
  /** Is called when the read has ended, however it has. */
  onRead: (() => void) | undefined;
  /** What goes on when the rows are there, and when they cannot be had. */
  onRows: (exchange: Exchange) => void = ignore;
  onFailure: (exchange: Exchange, failure: unknown) => void = ignore;

  #requestId: string | undefined;
  #form: FormParameters | OAuthError | undefined;

  constructor(
    /** Node's own request. */
    readonly raw: IncomingMessage,
    /** The adapter's, which may have an id. */
    readonly request: HttpRequest,
  ) {}

  /** Names the request in its answer, in events and in logs. */
  get requestId(): string {
    return (this.#requestId ??= requestIdOf(this.request));
  }

  /** How long ago the request arrived, in milliseconds. */
  get durationMs(): number {
    return performance.now() - this.arrival;
  }

  /** The form, or what is wrong with the body, which must have been read. */
  get form(): FormParameters | OAuthError {
    if (this.#form) return this.#form;
    this.#form = this.parsedBody();
    // While this request waits, it must not keep all that was received with it.
    this.body = EMPTY;
    return this.#form;
  }

  private parsedBody(): FormParameters | OAuthError {
    const body = this.body!;
    if (body instanceof OAuthError) return body;
    if (!isForm(this.raw.headers, body.length)) return new UnsupportedMediaTypeError();
    return FormParameters.parse(body);
  }

  want(batch: Batch): void {
    this.candidates?.want(batch);
    this.lookUp?.want(batch);
  }

  answered(rows: Rows): void {
    this.rows = rows;
    this.onRead?.();
    this.onRows(this);
  }

  failed(failure: unknown): void {
    this.onRead?.();
    this.onFailure(this, failure);
  }
}

function ignore(): void {}
