import type { Call, Span, Write } from './history.js';

/** What can be said of a call, when all that is known of the order of events is their stamps. */
interface Verdict {
  /** Some order makes it so. */
  readonly may: boolean;
  /** Every order makes it so. */
  readonly must: boolean;
}

interface Recorded {
  readonly calls: readonly Call[];
  readonly writes: readonly Write[];
}

/** @returns each call whose reply no fresh server could have given, with what is wrong with it. */
export function violations(history: Recorded): string[] {
  const known = new Known(history);
  return history.calls.flatMap((call) => {
    const wrong = known.fault(call);
    return wrong ? [`${wrong}: ${JSON.stringify(call, shortened)}`] : [];
  });
}

const shortened = (_: string, value: unknown) =>
  typeof value === 'string' ? value.slice(-12) : value;

/** The calls that were under way while something that they depend on was written. */
export function raced({ calls, writes }: Recorded): Call[] {
  const spans = new Map<string, Span[]>();
  for (const write of writes) {
    const subject = subjectOf(write);
    spans.set(subject, [...(spans.get(subject) ?? []), write]);
  }
  return calls.filter(({ token, owner, caller, secret, ...call }) =>
    [token, owner, caller, secret]
      .flatMap((subject) => spans.get(subject) ?? [])
      .some((write) => call.began < write.ended && write.began < call.ended),
  );
}

class Known {
  readonly #disabled = new Map<string, { from: Span; to: Span }[]>();
  /** Tokens that were revoked and secrets that were retired: for good. */
  readonly #gone = new Map<string, { from: number; known: number }>();

  constructor({ calls, writes }: Recorded) {
    for (const write of writes.toSorted((a, b) => a.began - b.began)) this.#note(write);
    // Who has once been told of what is final has learned of it, acknowledged or not.
    for (const { token, secret, reply, ...call } of calls) {
      if (reply === 'inactive' && !this.disabled(call.owner, call).may) this.#seen(token, call);
      if (reply === 'refused' && !this.disabled(call.caller, call).may) this.#seen(secret, call);
    }
  }

  fault(call: Call): string | undefined {
    const { reply, token, owner, caller, secret } = call;
    const retired = this.gone(secret, call);
    const barred = this.disabled(caller, call);
    const revoked = this.gone(token, call);
    const disabled = this.disabled(owner, call);
    if (reply === 'failed') return 'failed';
    if (reply === 'refused') return retired.may || barred.may ? undefined : 'refused for nothing';
    if (retired.must) return 'accepted with a secret that was rotated away';
    if (barred.must) return 'accepted from a disabled client';
    if (reply === 'inactive')
      return revoked.may || disabled.may ? undefined : 'inactive for nothing';
    if (revoked.must) return 'active after its revocation';
    return disabled.must ? 'active though its client was disabled' : undefined;
  }

  private gone(subject: string, call: Span): Verdict {
    const { from, known } = this.#gone.get(subject) ?? { from: Infinity, known: Infinity };
    return { may: from < call.ended, must: known < call.began };
  }

  private disabled(client: string, call: Span): Verdict {
    const times = this.#disabled.get(client) ?? [];
    return {
      may: times.some(({ from, to }) => from.began < call.ended && call.began < to.ended),
      must: times.some(({ from, to }) => from.ended < call.began && call.ended < to.began),
    };
  }

  #note(write: Write): void {
    const { began, ended } = write;
    if (write.kind === 'revoke' || write.kind === 'rotate') {
      this.#gone.set(subjectOf(write), { from: began, known: ended });
      return;
    }
    const times = this.#disabled.get(write.client) ?? [];
    this.#disabled.set(write.client, times);
    if (write.kind === 'disable') {
      times.push({ from: write, to: { began: Infinity, ended: Infinity } });
    } else {
      times.push({ ...times.pop()!, to: write });
    }
  }

  #seen(subject: string, { ended }: Span): void {
    const gone = this.#gone.get(subject);
    if (gone) gone.known = Math.min(gone.known, ended);
  }
}

function subjectOf(write: Write): string {
  if (write.kind === 'revoke') return write.token;
  return write.kind === 'rotate' ? write.retires : write.client;
}
