import { isUtf8 } from 'node:buffer';
import { InvalidRequestError } from '../model/oauth-error.js';

/** The parameters that mean anything to the endpoint; others are ignored (RFC 6749 §3.2). */
type ParameterName =
  'token' | 'token_type_hint' | 'client_id' | 'client_secret' | 'client_assertion';

/** The parameters of an `application/x-www-form-urlencoded` body (RFC 6749 Appendix B). */
export class FormParameters {
  /** Each parameter's first value. */
  readonly #values = new Map<string, string>();
  /** The parameters that are there more than once. */
  #repeated: Set<string> | undefined;

  private constructor() {}

  /** Never fails: what is not well encoded stays as it was sent. Values are never trimmed. */
  static parse(body: Buffer): FormParameters {
    const form = new FormParameters();
    // Latin-1 keeps one character per byte, so that decoding sees the very bytes that were sent.
    const text = body.toString('latin1');
    const isPlain = !NEEDS_DECODING.test(text);
    for (let start = 0; start < text.length;) {
      const ampersand = text.indexOf('&', start);
      const end = ampersand < 0 ? text.length : ampersand;
      if (end > start) form.add(text.slice(start, end), isPlain);
      start = end + 1;
    }
    return form;
  }

  private add(pair: string, isPlain: boolean): void {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    const decoded = isPlain ? name : decode(name);
    if (this.#values.has(decoded)) (this.#repeated ??= new Set()).add(decoded);
    else this.#values.set(decoded, isPlain ? value : decode(value));
  }

  /**
   * One parameter's value; `undefined` when it is absent or empty, which RFC 6749 §3.2 holds to be
   * the same. A parameter that is there twice is an error by the same section.
   */
  single(name: ParameterName): string | undefined {
    if (this.#repeated?.has(name)) {
      throw new InvalidRequestError(`The parameter ${name} must not be sent more than once.`);
    }
    return this.peek(name);
  }

  /** The same, without an error: `undefined` for a parameter that is there twice. */
  peek(name: ParameterName): string | undefined {
    return this.#repeated?.has(name) ? undefined : this.#values.get(name) || undefined;
  }
}

// oxlint-disable-next-line no-control-regex -- everything but ASCII needs decoding
const NEEDS_DECODING = /[%+\u0080-\u00ff]/;

function decode(latin1: string): string {
  if (!NEEDS_DECODING.test(latin1)) return latin1;
  const bytes = Buffer.from(
    latin1
      .replaceAll('+', ' ')
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  return isUtf8(bytes) ? bytes.toString('utf8') : illFormed(bytes);
}

/**
 * Bytes that are not UTF-8 become a string of lone surrogates, one for each byte: distinct bytes
 * stay distinct, and `isWellFormed()` tells such a string from every token that could be issued.
 */
function illFormed(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(0xdc00 + byte);
  return text;
}
