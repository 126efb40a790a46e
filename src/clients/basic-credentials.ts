import { isUtf8 } from 'node:buffer';

/**
 * The credentials in a Basic `Authorization` header. RFC 6749 §2.3.1 requires the client to form-encode
 * the id and the secret, but many clients send them raw, so a header can be read in two ways. Both
 * readings are one attempt, and either of them may match.
 */
export interface BasicCredentials {
  readonly readings: readonly [IdAndSecret, ...IdAndSecret[]];
}

export interface IdAndSecret {
  readonly clientId: string;
  readonly secret: string;
}

// RFC 9110 §11.1: the scheme is case-insensitive; §11.2: token68, padded.
const BASIC_HEADER = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
// RFC 6749 Appendix A allows no control characters, and Postgres no NUL.
// oxlint-disable-next-line no-control-regex -- it finds control characters
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/** A text without these characters is the same form-encoded and raw. */
const FORM_ENCODED = /[%+]/;

/**
 * Parses the value of an `Authorization` header, strictly: base64 as in RFC 4648 §4, of UTF-8 text with
 * a colon. @returns `undefined` for everything else.
 */
export function parseBasicCredentials(authorization: string): BasicCredentials | undefined {
  const token68 = BASIC_HEADER.exec(authorization)?.[1];
  if (token68 === undefined) return undefined;
  const userPass = decodeUtf8(token68);
  if (userPass === undefined) return undefined;
  const colon = userPass.indexOf(':');
  if (colon < 1) return undefined;

  const raw = { clientId: userPass.slice(0, colon), secret: userPass.slice(colon + 1) };
  if (!FORM_ENCODED.test(userPass)) return isUsable(raw) ? { readings: [raw] } : undefined;
  const decoded = { clientId: formDecode(raw.clientId), secret: formDecode(raw.secret) };
  const readings = [decoded, raw].filter(isUsable);
  return isNotEmpty(readings) ? { readings } : undefined;
}

function decodeUtf8(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64');
  // Node also decodes text that is not base64; encoding the bytes again shows whether it was.
  if (bytes.toString('base64') !== base64 || !isUtf8(bytes)) return undefined;
  return bytes.toString('utf8');
}

function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function isUsable(reading: {
  clientId?: string | undefined;
  secret?: string | undefined;
}): reading is IdAndSecret {
  const { clientId, secret } = reading;
  return (
    !!clientId && !!secret && !CONTROL_CHARACTER.test(clientId) && !CONTROL_CHARACTER.test(secret)
  );
}

function isNotEmpty<T>(list: T[]): list is [T, ...T[]] {
  return list.length > 0;
}
