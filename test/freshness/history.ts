/** When something began and ended, on one logical clock: of two stamps the lower was taken first. */
export interface Span {
  readonly began: number;
  readonly ended: number;
}

/** What a call came to: `refused` is 401, `failed` is whatever is none of the others. */
export type Reply = 'active' | 'inactive' | 'refused' | 'failed';

/** One introspection. `owner` is the client that the token was issued to. */
export interface Question {
  readonly token: string;
  readonly owner: string;
  readonly caller: string;
  readonly secret: string;
}

export type Call = Span & Question & { readonly reply: Reply };

export type Change =
  | { readonly kind: 'revoke'; readonly token: string }
  | { readonly kind: 'disable' | 'enable'; readonly client: string }
  | { readonly kind: 'rotate'; readonly retires: string };

/** It ended when it was acknowledged. */
export type Write = Span & Change;

/**
 * Records what is asked and written. A stamp is taken before anything is sent and after all has come
 * back, so a span is never shorter than what it stands for, however slow the machine is.
 */
export class History {
  readonly calls: Call[] = [];
  readonly writes: Write[] = [];
  #clock = 0;

  async call(question: Question, send: () => Promise<Reply>): Promise<void> {
    const began = ++this.#clock;
    const reply = await send();
    this.calls.push({ ...question, reply, began, ended: ++this.#clock });
  }

  async write<T>(change: Change, make: () => Promise<T>): Promise<T> {
    const began = ++this.#clock;
    const made = await make();
    this.writes.push({ ...change, began, ended: ++this.#clock });
    return made;
  }
}
