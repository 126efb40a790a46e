import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { INACTIVE } from '../support/world.js';

/** How many ask at a time. */
const CALLERS = 12;

export interface Question {
  readonly token: string;
  /** What is right; `either`: it is being changed just now. */
  expected: 'active' | 'inactive' | 'either';
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Protected resources that ask the same questions in turn, each on a connection of its own. */
export class Callers {
  sent = 0;
  right = 0;
  unavailable = 0;
  /** Everything that is neither right nor a 503 in its form. */
  readonly wrong: string[] = [];
  /** Requests that met no server; they are none of those that were sent. */
  unmet = 0;
  /** In milliseconds. */
  slowest = 0;
  #lastUnavailable = -Infinity;
  #ended = false;
  readonly #all: Promise<unknown>;

  constructor(
    private readonly origin: string,
    private readonly headers: readonly string[],
    private readonly questions: readonly Question[],
    /** Whether the server may be away for a while. */
    private readonly goesAway = false,
  ) {
    this.#all = Promise.all(Array.from({ length: CALLERS }, (_, number) => this.call(number)));
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#all;
  }

  /** How long after this moment the last one had no answer or 503, in milliseconds; 0: none had. */
  recovery(since: number): number {
    return Math.max(0, this.#lastUnavailable - since);
  }

  /** Waits until all has been right for this long, in milliseconds. */
  async steady(duration: number): Promise<void> {
    const since = performance.now();
    while (performance.now() - Math.max(since, this.#lastUnavailable) < duration)
      await setTimeout(20);
  }

  private async call(number: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = number; !this.#ended; turn++) {
      const question = this.questions[turn % this.questions.length]!;
      const { expected } = question;
      const since = performance.now();
      this.sent++;
      const reply = await this.send(agent, question.token).catch((error: Error) => error);
      if (this.goesAway && reply instanceof Error && isUnmet(reply)) {
        this.sent--;
        this.unmet++;
        this.#lastUnavailable = performance.now();
        await setTimeout(20);
        continue;
      }
      this.slowest = Math.max(this.slowest, performance.now() - since);
      // It may have been changed since it was asked for.
      this.judge(reply, expected === question.expected ? expected : 'either');
    }
    agent.destroy();
  }

  private judge(reply: Reply | Error, expected: Question['expected']): void {
    if (reply instanceof Error) this.wrong.push(String(reply));
    else if (isUnavailable(reply)) {
      this.unavailable++;
      this.#lastUnavailable = performance.now();
    } else if (isRight(reply, expected)) this.right++;
    else this.wrong.push(`${expected}: ${reply.status} ${reply.text}`);
  }

  private send(agent: Agent, token: string): Promise<Reply> {
    const { hostname, port, host } = new URL(this.origin);
    const body = `token=${token}`;
    const headers = ['Host', host, ...this.headers, 'Content-Length', String(body.length)];
    return new Promise((resolve, reject) => {
      request(
        { agent, hostname, port, path: '/introspect', method: 'POST', headers },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      )
        .on('error', reject)
        .end(body);
    });
  }
}

/** The connection was refused, or closed before a byte of an answer came. */
function isUnmet({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNREFUSED' || code === 'ECONNRESET';
}

function isUnavailable({ status, headers, text }: Reply): boolean {
  return (
    status === 503 &&
    /^\d+$/.test(headers['retry-after'] ?? '') &&
    text.startsWith('{"error":"temporarily_unavailable",')
  );
}

function isRight({ status, text }: Reply, expected: Question['expected']): boolean {
  if (status !== 200) return false;
  const actual = text === INACTIVE ? 'inactive' : text.startsWith('{"active":true,') && 'active';
  return actual === expected || (actual !== false && expected === 'either');
}
