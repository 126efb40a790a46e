/** The literal `error` codes that this endpoint can answer with. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_token_type'
  | 'invalid_token'
  | 'temporarily_unavailable';

/**
 * Every error that the endpoint answers with. `message` becomes `error_description`, so it is a constant
 * sentence of ours and never repeats the client's input (RFC 6749 §5.2). The private detail is in
 * `cause`, and never sent to the client.
 */
export abstract class OAuthError extends Error {
  abstract readonly code: OAuthErrorCode;
  abstract readonly status: number;
  readonly headers: Readonly<Record<string, string>> = {};

  constructor(description: string, options?: { cause?: unknown }) {
    super(description, options);
    this.name = new.target.name;
  }
}

/** 400: a parameter is missing, repeated or malformed (RFC 6749 §5.2). */
export class InvalidRequestError extends OAuthError {
  readonly code = 'invalid_request';
  readonly status: number = 400;
}

/** 405, with the one method that the endpoint has (RFC 9110 §15.5.6). */
export class MethodNotAllowedError extends InvalidRequestError {
  override readonly status = 405;
  override readonly headers = { Allow: 'POST' };

  constructor() {
    super('Token introspection is requested with POST.');
  }
}

/** 415: the body is not a form (RFC 7662 §2.1, RFC 9110 §15.5.16). */
export class UnsupportedMediaTypeError extends InvalidRequestError {
  override readonly status = 415;

  constructor() {
    super('The request body must be application/x-www-form-urlencoded, without a content coding.');
  }
}

/** 413: the body is over the limit, or in too many pieces; the rest of it is not read (RFC 9110 §15.5.14). */
export class PayloadTooLargeError extends InvalidRequestError {
  override readonly status = 413;
  override readonly headers = { Connection: 'close' };

  constructor() {
    super('The request body is larger than this server accepts.');
  }
}

/** 431: there are so many headers that Node may have left some out (RFC 6585 §5). */
export class TooManyHeadersError extends InvalidRequestError {
  override readonly status = 431;
  override readonly headers = { Connection: 'close' };

  constructor() {
    super('The request has more headers than this server accepts.');
  }
}

/** 401: the caller is not authenticated. The answer is the same for every cause (RFC 6749 §5.2, RFC 7617 §2). */
export class InvalidClientError extends OAuthError {
  readonly code = 'invalid_client';
  readonly status = 401;
  override readonly headers: Readonly<Record<string, string>>;

  constructor(realm: string) {
    super('Client authentication failed.');
    this.headers = { 'WWW-Authenticate': `Basic realm="${realm}", charset="UTF-8"` };
  }
}

/** 403: the caller is authenticated but may not introspect (RFC 7662 §4 leaves the code to us). */
export class UnauthorizedClientError extends OAuthError {
  readonly code = 'unauthorized_client';
  readonly status: number = 403;

  constructor() {
    super('This client is not allowed to introspect tokens.');
  }
}

/** 400: no strategy claims the hint, or it is `refresh_token` (RFC 7009 §2.2.1 names the code). */
export class UnsupportedTokenTypeError extends OAuthError {
  readonly code = 'unsupported_token_type';
  readonly status = 400;
}

/** 400: no strategy recognises the token; only under `unrecognizedTokens: 'error'`. */
export class InvalidTokenError extends OAuthError {
  readonly code = 'invalid_token';
  readonly status = 400;

  constructor() {
    super('Access token not issued or recognized by this STS');
  }
}

/**
 * 429: too many failed attempts, or too many answers that are being delayed (RFC 6585 §4). RFC 6749 has no
 * error code for it; this one tells the client, as with 503, to try again later.
 */
export class TooManyRequestsError extends OAuthError {
  readonly code = 'temporarily_unavailable';
  readonly status = 429;
  override readonly headers: Readonly<Record<string, string>>;

  /** @param seconds after which the client may try again */
  constructor(seconds: number) {
    super('There were too many requests that failed. Try again later.');
    this.headers = { 'Retry-After': String(seconds) };
  }
}

/** 503: this server has failed. That never becomes an answer about the token. */
export class TemporarilyUnavailableError extends OAuthError {
  readonly code = 'temporarily_unavailable';
  readonly status = 503;
  override readonly headers = { 'Retry-After': '1' };

  constructor(cause: unknown) {
    super('The server cannot answer now. Try again.', { cause });
  }
}

/** What an answer says of a failure: an error of ours says it itself, and anything else is 503. */
export function oauthErrorOf(failure: unknown): OAuthError {
  return failure instanceof OAuthError ? failure : new TemporarilyUnavailableError(failure);
}
