import { Problem } from '../problem.mjs';

/** How many requests were sent, and what they were answered with. */
export class Tally {
  requests = 0;
  /** How many answers there were of each status. @type {Record<string, number>} */
  answers = {};

  sent(count) {
    this.requests += count;
  }

  /** @param {import('./kinds.mjs').Kind} kind */
  answered(kind, number, status, body) {
    const isRight = kind.right
      ? status === 200 && body.includes(kind.right(number))
      : status !== 200;
    const outcome = isRight ? String(status) : `wrong: ${status}`;
    this.answers[outcome] = (this.answers[outcome] ?? 0) + 1;
  }

  /** Requests that have no answer. */
  get unanswered() {
    return this.requests - Object.values(this.answers).reduce((sum, count) => sum + count, 0);
  }

  /** @throws Problem when a stranger was told something, or a caller was not */
  check({ name }, server) {
    const wrong = Object.keys(this.answers).find((outcome) => outcome.startsWith('wrong'));
    if (wrong)
      throw new Problem(`${server} answered “${name}” ${wrong} ${this.answers[wrong]} times.`);
  }
}
